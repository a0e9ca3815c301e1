"use strict";
// Classes by any column: by name as text, by a number as it stands in the cell; what is undefined stays at the end.
for (const table of document.querySelectorAll("table.sortable")) {
  const [body] = table.tBodies;
  const heads = [...table.tHead.rows[0].cells];
  const number = (cell) => {
    const text = cell.textContent.replace(/[^\d.-]/g, "");
    return text === "" || text === "-" ? NaN : Number(text);
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const rising = column === 0 ? head.ariaSort !== "ascending" : head.ariaSort === "descending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const rows = [...body.rows].map((row) => ({
        row,
        value: column === 0 ? row.cells[0].textContent : number(row.cells[column]),
      }));
      rows.sort(({ value: one }, { value: other }) => {
        if (column === 0) return (rising ? 1 : -1) * one.localeCompare(other);
        if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) - Number.isNaN(other);
        return rising ? one - other : other - one;
      });
      body.append(...rows.map(({ row }) => row));
    });
  });
}
