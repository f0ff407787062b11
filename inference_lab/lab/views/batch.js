// Draws the view of batch.py: the slots of one replica, and TPOT and tokens a second over the users.

const LEFT = 66, RIGHT = 40, MOST_USERS = 256;
const SLOTS = { top: 26, row: 9, size: 7, rows: 4, bottom: 74 };
const PANEL = { title: 18, top: 36, height: 150, step: 232, gap: 40 };
const STEP_MS = 1;
const PANELS = [
  { of: "tpot_ms", title: "TPOT, ms", more: ": lower is better for each user", look: "",
    say: (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms` },
  { of: "tokens_per_s", title: "Output tokens/s", more: ": of all users, higher is better", look: "",
    say: (value) => `${number(Math.round(value))} tokens/s` },
];

/** A cell for each user: those in the batch are answered in each step, the others wait. */
function drawSlots(svg, picture, width) {
  const columns = MOST_USERS / SLOTS.rows, step = width / columns, size = step - 2;
  const cell = (index, name) => draw(svg, "rect", {
    x: Math.floor(index / SLOTS.rows) * step, y: SLOTS.top + (index % SLOTS.rows) * SLOTS.row,
    width: Math.max(1.5, size), height: SLOTS.size, rx: 1, class: name,
  });
  const running = Math.min(picture.users, picture.room);
  for (let i = 0; i < picture.room; i++) cell(i, i < running ? "cell decode" : "slot");
  for (let i = picture.room; i < picture.users; i++) cell(i, "cell queue");
  const waiting = picture.users - running;
  const pieces = [{ mark: "decode" }, `${running} ${running === 1 ? "user" : "users"} in the batch`];
  if (waiting) pieces.push(", ", { mark: "queue" }, `${waiting} waiting`);
  if (width >= NARROW) pieces.push(`; room for ${picture.room}`);
  labelWithMarks(svg, 0, 14, pieces);
}

/** One quantity: faint over all users, sharp where one was, with its name; others in grey. */
function drawPanel(svg, picture, panel, area, end) {
  const narrow = area.right - area.left < 260;
  label(svg, area.left - LEFT + 2, area.top - PANEL.title, panel.title + panel.more, "", panel.title);
  const ticks = { x: narrow ? [1, 128, 256] : [1, 64, 128, 192, 256], y: roundTicks(end) };
  const { x, y } = drawAxes(svg, area, { x: MOST_USERS, y: end }, ticks, { x: "", y: "" });
  draw(svg, "text", { x: (area.left + area.right) / 2, y: area.bottom + 34, class: "soft middle" }, "users at the same time");
  const plot = clipped(svg, area), labels = [];
  if (picture.room < MOST_USERS) {
    draw(svg, "line", { x1: x(picture.room), x2: x(picture.room), y1: area.top, y2: area.bottom, class: "guide" });
    draw(svg, "text", { x: x(picture.room) - 5, y: area.bottom - 6, class: "soft end" }, narrow ? `${picture.room} fit` : `memory full at ${picture.room}`);
  }
  for (const curve of picture.curves) {
    const shown = curve.name === picture.stack;
    const place = (users, i) => [x(users), y(curve[panel.of][i])];
    draw(plot, "polyline", { points: curve.users.map(place).join(" "), class: `outline ${shown ? "" : "other"}` });
    if (!shown) {
      const seen = curve.users.map(place).filter((point) => point[1] >= area.top);
      if (seen.length) labels.push({ at: seen.at(-1), text: curve.name, soft: true });
      continue;
    }
    const been = curve.users.flatMap((users, i) => (picture.visited.includes(users) ? [i] : []));
    const sharp = curve.users.map(place).slice(been[0], been.at(-1) + 1);
    draw(plot, "polyline", { points: sharp.join(" "), class: `curve ${panel.look}` });
    const now = curve.users.indexOf(picture.users), value = curve[panel.of][now];
    drawPoints(plot, been.map((i) => place(curve.users[i], i)), panel.look, been.indexOf(now));
    const at = place(picture.users, now);
    if (at[1] >= area.top) labels.push({ at, text: panel.say(value) });
    else drawBeyond(svg, at[0], area, panel.say(value));
  }
  const heights = apart(labels.map(({ at, soft }) => at[1] + (soft ? -8 : 18)), 15, area.top + 10, area.bottom - 4);
  labels.forEach(({ at, text, soft }, i) => {
    const node = draw(svg, "text", { x: at[0] + 8, y: heights[i], class: soft ? "soft" : "name" }, text);
    if (at[0] + 8 + node.getComputedTextLength() <= area.right + RIGHT - 2) return;
    node.setAttribute("x", at[0] - 10);
    node.classList.add("end");
  });
}

function render({ model, el }) {
  const steps = model.get("steps"), choices = model.get("choices"), [lowest, highest] = model.get("limits");
  const share = model.get("picture").limit_share;
  const slider = newSlider({
    name: "Users", described: "Users at the same time", min: 0, max: steps.length - 1,
    value: steps.indexOf(model.get("users")),
    say: (place) => [`${steps[place]}`, steps[place] === 1 ? "1 user" : `${steps[place]} users`],
  });
  const menu = newMenu({ name: "Stack", described: "Software stack", choices, value: model.get("stack") });
  menu.root.hidden = choices.length < 2;
  const limit = newLimit({
    name: "Limit for TPOT", least: lowest, most: highest, step: STEP_MS,
    value: model.get("limit_ms"), say: (ms) => `limit ${milliseconds(ms)}`,
    onMove: () => { paint(); question.ask(); },
    onEnd: () => scale.moveTo(limit.value() / share),
  });
  const scale = newScale(limit.value() / share, paint, (end) => `The scale of TPOT now ends at ${milliseconds(end)}.`);
  const question = newQuestion(model, () => ({
    users: steps[slider.value()], stack: menu.input.value, limit_ms: limit.value(),
  }));
  const svg = newPicture(), words = newReading(), code = newCode();
  const root = frame("batch-view", newControls(slider.root, menu.root),
    newStage(svg, limit.root, scale.note), question.notice, words, code.root);
  el.append(root);

  /** Side by side where there is room, else one below the other. */
  function areasOf(width) {
    const wide = width >= WIDE, each = wide ? (width - PANEL.gap) / 2 : width;
    return PANELS.map((_, index) => {
      const left = LEFT + (wide ? index * (each + PANEL.gap) : 0);
      const top = SLOTS.bottom + PANEL.top + (wide ? 0 : index * PANEL.step);
      return { left, right: left + each - LEFT - RIGHT, top, bottom: top + PANEL.height };
    });
  }

  function show() {
    const picture = model.get("picture");
    paint();
    words.textContent = picture.reading;
    svg.setAttribute("aria-label", picture.reading);
    svg.dataset.shows = `${picture.users} ${picture.stack}`;
    code.show(picture.code);
    question.answered();
  }

  function paint() {
    const picture = model.get("picture");
    const wide = root.clientWidth >= WIDE + 16;
    const width = clear(svg, SLOTS.bottom + PANEL.step * (wide ? 1 : 2)), areas = areasOf(width);
    drawSlots(svg, picture, width);
    drawPanel(svg, picture, PANELS[0], areas[0], scale.end());
    drawPanel(svg, picture, PANELS[1], areas[1], picture.tokens_end);
    limit.lay(areas[0], scale.end());
  }

  /** The nearest step of the slider. */
  function nearest(users) {
    const far = steps.map((step) => Math.abs(step - users));
    return far.indexOf(Math.min(...far));
  }

  /** Users can be dragged in the slots and in both plots, too. */
  onDrag(svg, ([x], [startX, startY]) => {
    const width = svg.viewBox.baseVal.width;
    const area = areasOf(width).find((each) => startX >= each.left && startX <= each.right && startY >= each.top && startY <= each.bottom + 20);
    if (startY < SLOTS.bottom) slider.set(nearest((MOST_USERS * x) / width));
    else if (area) slider.set(nearest((MOST_USERS * (x - area.left)) / (area.right - area.left)));
    else return false;
    question.ask();
  });
  slider.input.addEventListener("input", question.ask);
  menu.input.addEventListener("change", question.ask);
  model.on("change:picture", show);
  show();
  const ends = [onWidth(root, paint), onTheme(root, paint), question.end];
  return () => {
    ends.forEach((end) => end());
    model.off("change:picture", show);
  };
}

export default { render };
