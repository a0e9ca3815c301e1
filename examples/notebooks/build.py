"""Execute the examples that are notebooks as well, and write them here with their outputs.

The one source of such an example is its script, which is in the percent format of jupytext: cells marked
`active="ipynb"` stand as comments in the script, and are run in the notebook alone. `python
examples/notebooks/build.py [NAME ...]` executes all of them or those named; `--output FOLDER` writes them
elsewhere. Needs the dependency group `notebooks`.
"""

import argparse
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent
#: The first line of a script that is a notebook as well.
MARK = "# %%"
#: What Jupyter needs to know, and nothing of the machine that the notebook was executed on.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def sources():
    """The scripts that are notebooks as well, by name."""
    scripts = sorted(NOTEBOOKS.parent.glob("*.py"))
    return {path.stem: path for path in scripts if path.read_text(encoding="utf-8").startswith(MARK)}


def from_script(path):
    """The notebook of a script, without outputs. The same script gives the same notebook, to the byte."""
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata.clear()
        if number == 0:
            first, _, rest = cell.source.partition("\n")
            cell.source = f"# {first.rstrip('.')}\n{rest}"
    notebook.metadata = nbformat.from_dict(METADATA)
    return notebook


def told(outputs):
    """The outputs of a cell without the standard error, where libraries name the machine and the time of day."""
    kept = []
    for output in outputs:
        if output.get("name") == "stderr":
            continue
        # How a stream is cut into pieces depends on how long the cell ran.
        if output.output_type == "stream" and kept and kept[-1].output_type == "stream":
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def executed(path):
    """The notebook of a script with its outputs, as a reader would run it: in the folder of the notebooks."""
    notebook = from_script(path)
    NotebookClient(
        notebook, timeout=900, record_timing=False, resources={"metadata": {"path": str(NOTEBOOKS)}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata.clear()
        if cell.cell_type == "code":
            cell.outputs = told(cell.outputs)
    notebook.metadata = nbformat.from_dict(METADATA)
    return notebook


if __name__ == "__main__":
    known = sources()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=f"Names: {', '.join(known)}"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--output", type=Path, default=NOTEBOOKS)
    args = parser.parse_args()
    if unknown := set(args.names) - known.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}. Known: {', '.join(known)}")
    for name in args.names or known:
        nbformat.write(executed(known[name]), args.output / f"{name}.ipynb")
        print(f"{args.output / name}.ipynb")
