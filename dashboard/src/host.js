/** TensorBoard around the frame of the page: its reload button, and whether it is dark. */

/** What the host calls when its data may have changed. */
const RELOADED = "experimental.DataReloaded";

/**
 * Be told of reloads. The protocol is that of TensorBoard's experimental plugin library: JSON messages on a channel
 * whose other end is posted to the host.
 *
 * @param {() => void} onReload
 */
export function listen(onReload) {
  if (window.parent === window) return;
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => {
    const { type, id, isReply } = JSON.parse(data);
    if (isReply) return;
    if (type === RELOADED) onReload();
    channel.port1.postMessage(JSON.stringify({ type, id, payload: null, error: null, isReply: true }));
  };
  window.parent.postMessage("experimental.bootstrap", "*", [channel.port2]);
}

/**
 * Be told whether the host is dark, now and when that changes. No interface says so: it is a class of the host's body,
 * which the page may read because both are of one origin. Where that fails, the browser's preference counts.
 *
 * @param {(dark: boolean) => void} onChange
 */
export function watchDarkness(onChange) {
  const preference = matchMedia("(prefers-color-scheme: dark)");
  const host = hostBody();
  if (host) {
    const tell = () => onChange(host.classList.contains("dark-mode"));
    new MutationObserver(tell).observe(host, { attributes: true, attributeFilter: ["class"] });
    tell();
  } else {
    preference.addEventListener("change", () => onChange(preference.matches));
    onChange(preference.matches);
  }
}

/** The body of the page around the frame, or null where there is none, or none that may be read. */
function hostBody() {
  try {
    return window.parent === window ? null : window.parent.document.body;
  } catch {
    return null;
  }
}
