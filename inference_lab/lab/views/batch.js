// Draws the view of batch.py: TPOT above, tokens a second below, over the users.

const LEFT = 66, RIGHT = 112, RIGHT_NARROW = 76, MOST_USERS = 256; // right of the curves: names
const PANEL = { title: 16, height: 110, step: 162, top: 30 };
const HEIGHT = 2 * PANEL.step + 20, TICKS = [1, 64, 128, 192, 256];
const PANELS = [
  { of: "tpot_ms", end: "tpot_end_ms", title: "TPOT, ms", more: ": lower is better for each user", marker: "circle", phase: "decode",
    say: (value, narrow) => `${value.toFixed(value < 100 ? 1 : 0)}${narrow ? "" : " ms"}` },
  { of: "tokens_per_s", end: "tokens_end", title: "Output tokens/s", more: " of all users: higher is better", marker: "square", phase: "all",
    say: (value, narrow) => `${number(Math.round(value))}${narrow ? "" : " tokens/s"}` },
];

const rightOf = (width) => width - (width < NARROW ? RIGHT_NARROW : RIGHT);

/** One quantity: the curve of the replica shown, those of others in grey, each with its name. */
function drawPanel(svg, picture, panel, top) {
  const narrow = svg.viewBox.baseVal.width < NARROW, right = rightOf(svg.viewBox.baseVal.width);
  const area = { left: LEFT, right, top: top + PANEL.top, bottom: top + PANEL.top + PANEL.height };
  const ends = { x: MOST_USERS, y: picture[panel.end] };
  label(svg, 2, top + PANEL.title, panel.title + panel.more, "name", panel.title);
  const labels = []; // of the ends of lines
  const { x, y } = drawAxes(svg, area, ends, narrow ? [1, 128, 256] : TICKS, number);
  if (panel.of === "tpot_ms") {
    const limit = y(picture.slo_ms);
    draw(svg, "line", { x1: LEFT, x2: right, y1: limit, y2: limit, class: "limit" });
    labels.push({ at: [right, limit], text: `limit ${milliseconds(picture.slo_ms)}`, name: "small" });
  }
  for (const curve of [...picture.curves].sort((a) => (a.name === picture.stack ? 1 : -1))) {
    const shown = curve.name === picture.stack;
    const points = curve.users.map((users, i) => [x(users), y(curve[panel.of][i])]);
    const now = shown ? curve.users.indexOf(picture.users) : -1;
    drawCurve(svg, points, shown ? panel.phase : "other", panel.marker, now);
    const value = shown ? panel.say(curve[panel.of][now], narrow) : "";
    if (now === points.length - 1) labels.push({ at: points.at(-1), text: value, name: "name" });
    else labels.push({ at: points.at(-1), text: curve.name, name: "small" });
    if (shown && now < points.length - 1) label(svg, points[now][0] - 4, points[now][1] - 12, value, "name");
  }
  const heights = apart(labels.map((label) => label.at[1] + 4), 15, area.top + 4, area.bottom - 2);
  labels.forEach(({ at, text, name }, i) => {
    label(svg, at[0] + 10, heights[i], text, name);
  });
}

function render({ model, el }) {
  const steps = model.get("steps"), choices = model.get("choices");
  const slider = html("input", {
    type: "range", min: 0, max: steps.length - 1, step: 1, "aria-label": "Users at the same time",
  });
  const shown = html("b", { "aria-hidden": "true" });
  const select = html("select", { "aria-label": "Software stack" });
  for (const choice of choices) select.append(html("option", { value: choice }, choice));
  const choose = html("label", {}, "Stack ", select);
  choose.hidden = choices.length < 2;
  const svg = newPicture(), words = newReading(), code = newCode();
  const root = frame("batch-view",
    html("div", { class: "controls" }, html("label", {}, "Users ", html("span", {}, slider, shown)), choose),
    svg, words, code.root);
  el.append(root);
  let waiting = false; // one simulation at a time: what the hand does meanwhile, only the last counts

  function ask() {
    const users = steps[Number(slider.value)];
    shown.textContent = ` ${users}`;
    slider.setAttribute("aria-valuetext", users === 1 ? "1 user" : `${users} users`);
    const same = users === model.get("users") && select.value === model.get("stack");
    if (waiting || same) return;
    waiting = true;
    model.set({ users, stack: select.value });
    model.save_changes();
  }

  function show() {
    paint();
    const picture = model.get("picture");
    words.textContent = picture.reading;
    code.show(picture.code);
    waiting = false;
    ask();
  }

  function paint() {
    const picture = model.get("picture");
    const width = clear(svg, HEIGHT);
    PANELS.forEach((panel, index) => drawPanel(svg, picture, panel, index * PANEL.step));
    const middle = (LEFT + rightOf(width)) / 2;
    draw(svg, "text", { x: middle, y: HEIGHT - 2, class: "small middle" }, "users at the same time");
    svg.setAttribute("aria-label", picture.reading);
    svg.dataset.shows = `${picture.users} ${picture.stack}`;
  }

  slider.value = steps.indexOf(model.get("users"));
  select.value = model.get("stack");
  slider.addEventListener("input", ask);
  select.addEventListener("change", ask);
  model.on("change:picture", show);
  show();
  const endWidth = onWidth(root, paint);
  return () => {
    endWidth();
    model.off("change:picture", show);
  };
}

export default { render };
