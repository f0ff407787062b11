// Which theme the page has, its colours for a canvas, and whether motion is wanted.

/** "light" or "dark": how the style sheet resolves its colours at this node. */
function themeOf(node) {
  const scheme = getComputedStyle(node).colorScheme;
  if (scheme === "light" || scheme === "dark") return scheme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** The colours of the tokens by name, as "#rrggbb" in the node's theme: `coloursOf(root).queue`. */
function coloursOf(node) {
  const theme = themeOf(node), all = Object.entries({ ...TOKENS.parts, ...TOKENS.neutral });
  return Object.fromEntries(all.map(([name, both]) => [name, both[theme]]));
}

/** Calls `paint` when the theme of the page changes; returns what ends this. */
function onTheme(node, paint) {
  let theme = themeOf(node);
  const look = () => {
    if (themeOf(node) === theme) return;
    theme = themeOf(node);
    paint();
  };
  const watch = new MutationObserver(look), system = matchMedia("(prefers-color-scheme: dark)");
  for (const each of [document.documentElement, document.body]) watch.observe(each, { attributes: true });
  system.addEventListener("change", look);
  return () => {
    watch.disconnect();
    system.removeEventListener("change", look);
  };
}

/** Whether the reader asked for less motion: then show the end state at once. */
function isCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
