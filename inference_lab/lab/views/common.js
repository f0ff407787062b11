// What all views share: nodes, hatches, axes, and the code of the point shown.

const SVG = "http://www.w3.org/2000/svg";
const NARROWEST = 230, NARROW = 360; // px; one unit of a drawing is one pixel

function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function draw(parent, tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}

function number(value) {
  return value.toLocaleString("en");
}

function milliseconds(ms) {
  return `${number(ms)} ms`;
}

/** Escape gives the keys back to the notebook, where there is one. */
function leave(event) {
  if (event.key !== "Escape") return;
  event.target.blur();
  event.target.closest(".jp-Cell")?.focus();
}

/** The root of a view. Its controls keep the keys that JupyterLab would take from them. */
function frame(name, ...children) {
  const root = html("div", { class: `lab-view ${name}` }, ...children);
  for (const control of root.querySelectorAll("input, select, button, summary")) {
    control.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  root.addEventListener("keydown", leave);
  return root;
}

function newPicture() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("role", "img");
  return svg;
}

function newReading() {
  return html("p", { role: "status", "aria-live": "polite" });
}

/** A text that stays inside the picture: where it would stick out it is shortened, or moved left. */
function label(svg, x, y, text, name = "", short = text) {
  const node = draw(svg, "text", { x, y, class: name }, text);
  const room = () => svg.viewBox.baseVal.width - node.getComputedTextLength() - 2;
  if (x > room()) node.textContent = short;
  if (x > room()) node.setAttribute("x", Math.max(0, room()));
}

/** Empties the picture and gives it the width that it has on the page; returns that. */
function clear(svg, height) {
  const width = Math.max(NARROWEST, Math.round(svg.getBoundingClientRect().width));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  return width;
}

/** Paint again when the width changes, so that text keeps its size; returns what ends this. */
function onWidth(root, paint) {
  const watch = new ResizeObserver(paint);
  watch.observe(root);
  return () => watch.disconnect();
}

const HATCHES = { network: [90], queue: [45], "kv-transfer": [45, -45] }; // prefill and decode: plain

/** Stripes, so that a phase is told from others without colour; fill with `url(#id)`. */
function drawHatch(svg, id, phase) {
  const [first, ...more] = HATCHES[phase];
  const pattern = draw(draw(svg, "defs", {}), "pattern", {
    id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${first})`,
  });
  draw(pattern, "rect", { width: 7, height: 7, class: phase });
  draw(pattern, "rect", { width: 2, height: 7, class: `${phase} stripe` });
  if (more.length) draw(pattern, "rect", { width: 7, height: 2, class: `${phase} stripe` });
}

/** Grid, ticks and names of a plot; returns its scales. `area` is in pixels, `ends` in units. */
function drawAxes(svg, area, ends, ticks, unit) {
  const x = (value) => area.left + ((area.right - area.left) * value) / ends.x;
  const y = (value) => area.bottom - ((area.bottom - area.top) * value) / ends.y;
  for (const value of [0, ends.y / 2, ends.y]) {
    draw(svg, "line", { x1: area.left, x2: area.right, y1: y(value), y2: y(value), class: "grid" });
    draw(svg, "text", { x: area.left - 8, y: y(value) + 4, class: "small end" }, unit(value));
  }
  for (const value of ticks) {
    draw(svg, "line", { x1: x(value), x2: x(value), y1: y(0), y2: y(0) + 4, class: "axis" });
    draw(svg, "text", { x: x(value), y: y(0) + 17, class: "small middle" }, number(value));
  }
  return { x, y };
}

/** A curve with its points, the last visited larger; `marker` is "circle" or "square". */
function drawCurve(svg, points, name, marker, now) {
  draw(svg, "polyline", { points: points.map(([x, y]) => `${x},${y}`).join(" "), class: `curve ${name}` });
  points.forEach(([x, y], index) => {
    const r = index === now ? 6 : 3, shape = { class: `point ${name}` };
    if (marker === "circle") draw(svg, "circle", { ...shape, cx: x, cy: y, r });
    else draw(svg, "rect", { ...shape, x: x - r, y: y - r, width: 2 * r, height: 2 * r });
  });
}

/** Moves heights apart that are closer than `least`, keeping their order and the bounds. */
function apart(heights, least, top, bottom) {
  const order = heights.map((height, index) => [height, index]).sort((a, b) => a[0] - b[0]);
  const placed = [];
  let next = top;
  for (const [height, index] of order) {
    placed[index] = Math.max(next, height);
    next = placed[index] + least;
  }
  let limit = bottom;
  for (const [, index] of order.reverse()) {
    placed[index] = Math.min(placed[index], limit);
    limit = placed[index] - least;
  }
  return placed;
}

/** A button that copies the code; it is shown too, for browsers that do not let a page copy. */
function newCode() {
  const button = html("button", { type: "button" }, "Copy these settings as code");
  const pre = html("pre"), details = html("details", {}, html("summary", {}, "Show the code"), pre);
  const said = html("span", { role: "status" });
  button.addEventListener("click", async () => {
    details.open = true;
    try {
      await navigator.clipboard.writeText(pre.textContent);
      said.textContent = " Copied.";
    } catch {
      getSelection().selectAllChildren(pre);
      said.textContent = " Selected below: copy it.";
    }
    setTimeout(() => (said.textContent = ""), 2500);
  });
  const root = html("div", { class: "code" }, button, said, details);
  return { root, show: (code) => (pre.textContent = code) };
}
