// Draws the view of leaf.py. Python simulates a run; this file shows it, frame by frame.

const PIPES = { top: 44, row: 12 };
const STRIP = { title: 296, top: 308, height: 92 };
const QUEUE = { title: 448, top: 460, height: 46 };
const HEIGHT = 530;
const EDGE = 58, BAR = 12; // px: room for names at the left, width of leaf and spine

/** Where everything lies at this width. */
function placesOf(width, picture) {
  const high = PIPES.row * picture.hosts, right = width - 18;
  const waits = Math.round(0.2 * (right - EDGE)), pipe = (right - EDGE - waits - 2 * BAR) / 2;
  const nic = EDGE + waits, leaf = nic + pipe, uplinks = leaf + BAR, spine = uplinks + pipe;
  return { top: PIPES.top, bottom: PIPES.top + high, high, left: EDGE, nic, leaf, uplinks, spine, right: spine + BAR };
}

/** The hosts, what waits in them, their NICs, the leaf, the uplinks and the spine in one frame. */
function drawLeaf(svg, picture, frame, uplinks) {
  const at = placesOf(svg.viewBox.baseVal.width, picture), nic = picture.nic_gbit_per_s;
  const part = picture.part.replace("_", "-"), rate = PIPES.row / nic; // px for a Gb/s
  const sent = picture.sent[frame], waiting = picture.waiting[frame];
  const box = (x, y, width, height, look) => height > 0 && width > 0 && draw(svg, "rect", { x, y, width, height, class: look });
  const longest = at.nic - at.left - 12, second = longest / 1.6; // px that wait for a second of the NIC
  draw(svg, "text", { x: at.nic, y: at.top - 20, class: "tick end" }, longest > 130 ? "waits: 1 s of the NIC" : "waits 1 s");
  draw(svg, "path", { d: `M${at.nic - second},${at.top - 8}v-5H${at.nic}v5`, class: "axis" });
  const room = at.leaf - at.nic > 150 ? `NICs of ${nic} Gb/s` : `${nic} Gb/s`;
  draw(svg, "text", { x: at.nic + 6, y: at.top - 8 }, room);
  for (let host = 0; host < picture.hosts; host++) {
    const y = at.top + host * PIPES.row, length = (waiting[host] / nic) * second;
    box(at.nic - Math.min(length, longest), y + 2, Math.min(length, longest), PIPES.row - 4, "queue");
    if (length > longest) draw(svg, "path", { d: `M${at.left + 8},${y + 2}l-6,4l6,4z`, class: "beyond" });
    box(at.nic, y + PIPES.row - sent[host] * rate, at.leaf - at.nic, sent[host] * rate, part);
    draw(svg, "rect", { x: at.nic, y, width: at.leaf - at.nic, height: PIPES.row, class: "pipe" });
    if (host === 0 || host === picture.hosts - 1)
      draw(svg, "text", { x: at.left - 6, y: y + 10, class: "tick end" }, `host ${host + 1}`);
  }
  const carried = sent.reduce((sum, each) => sum + each, 0);
  const wide = uplinks * rate, isFull = carried > 0.999 * uplinks;
  for (const x of [at.leaf, at.spine]) box(x, at.top, BAR, at.high, "switch-box");
  draw(svg, "text", { x: at.leaf + BAR / 2, y: at.bottom + 17, class: "middle" }, "leaf");
  draw(svg, "text", { x: at.spine + BAR / 2, y: at.top - 8, class: "middle" }, "spine");
  box(at.uplinks, at.bottom - carried * rate, at.spine - at.uplinks, Math.min(carried * rate, wide), part);
  draw(svg, "rect", { x: at.uplinks, y: at.bottom - wide, width: at.spine - at.uplinks, height: wide, class: isFull ? "pipe full" : "pipe" });
  const use = (100 * carried) / uplinks, said = use < 1 ? use.toPrecision(1) : Math.round(use);
  const words = `uplinks ${isFull ? "full" : `${said} % used`}`;
  draw(svg, "text", { x: at.spine, y: at.bottom + 17, class: "soft end" }, at.spine - at.uplinks < 160 ? words.slice(8) : words);
  return { ...at, left: at.uplinks, right: at.spine };
}

/** What the hosts want and what is carried over the whole run, and what waits. */
function drawStrips(svg, picture, frame, uplinks) {
  const width = svg.viewBox.baseVal.width, frames = picture.wanted.length;
  const end = picture.nic_gbit_per_s * picture.hosts, seconds = frames * picture.frame_s;
  const area = { left: EDGE + 16, right: width - 22, top: STRIP.top, bottom: STRIP.top + STRIP.height };
  const part = picture.part.replace("_", "-");
  label(svg, 2, STRIP.title, "Gb/s in each 0.1 s. Line: what the hosts want. Filled: what the uplinks carry", "", "Wanted (line), carried (filled)");
  const ticks = { x: [0, 2, 4, 6, 8].filter((each) => each <= seconds), y: [0, end / 2, end] };
  const { x, y } = drawAxes(svg, area, { x: seconds, y: end }, { x: [], y: ticks.y }, { x: "", y: "" });
  const steps = (values) => values.map((value, i) => `${x(i * picture.frame_s)},${y(value)} ${x((i + 1) * picture.frame_s)},${y(value)}`).join(" ");
  const carried = picture.sent.map((row) => row.reduce((sum, each) => sum + each, 0));
  draw(svg, "polygon", { points: `${area.left},${area.bottom} ${steps(carried)} ${area.right},${area.bottom}`, class: part });
  draw(svg, "polyline", { points: steps(picture.wanted), class: "wanted" });
  draw(svg, "line", { x1: area.left, x2: area.right, y1: y(uplinks), y2: y(uplinks), class: "limit" });
  const gigabytes = picture.waiting.map((row) => row.reduce((sum, each) => sum + each, 0) / 8);
  const below = { ...area, top: QUEUE.top, bottom: QUEUE.top + QUEUE.height };
  const most = Math.max(10, ...gigabytes), round = roundTicks(most);
  label(svg, 2, QUEUE.title, "GB that wait", "");
  const under = drawAxes(svg, below, { x: seconds, y: most }, { x: ticks.x, y: [0, round.at(-1)] }, { x: " s", y: "" });
  const points = gigabytes.map((value, i) => `${under.x((i + 1) * picture.frame_s)},${under.y(value)}`).join(" ");
  draw(svg, "polygon", { points: `${area.left},${below.bottom} ${points} ${area.right},${below.bottom}`, class: "queue" });
  const here = x((frame + 0.5) * picture.frame_s);
  draw(svg, "line", { x1: here, x2: here, y1: area.top, y2: below.bottom, class: "now" });
  return { area, seconds, bottom: below.bottom };
}

function render({ model, el }) {
  const [least, most, step] = model.get("bounds");
  const frames = () => model.get("picture").wanted.length;
  const kv = newSwitch({ name: "KV moves", on: model.get("kv_moves") });
  const play = newButton("Play", "main"), clock = html("span", { class: "clock" });
  play.setAttribute("aria-description", "Arrow keys, Home and End move the time");
  let now = model.get("picture").worst;
  const ratio = (gbit) => `${Number((most / gbit).toPrecision(3))}:1`;
  const pipe = newLimit({
    name: "Uplinks of the leaf, dragged to change the oversubscription", least, most, step,
    value: model.get("uplinks_gbit_per_s"), say: (gbit) => `${ratio(gbit)} · ${number(gbit)} Gb/s`,
    onMove: () => { paint(); question.ask(); },
    onEnd: () => {},
  });
  const question = newQuestion(model, () => ({ uplinks_gbit_per_s: pipe.value(), kv_moves: kv.input.checked }));
  const svg = newPicture(), words = newReading(), code = newCode();
  const root = frame("leaf-view", newControls(kv.root, play, clock), newStage(svg, pipe.root), question.notice, words, code.root);
  el.append(root);
  let strip = null, playing = 0;

  function show() {
    const picture = model.get("picture");
    paint();
    words.textContent = picture.reading;
    svg.setAttribute("aria-label", picture.reading);
    svg.dataset.shows = `${picture.ratio} ${picture.kv_moves}`;
    code.show(picture.code);
    question.answered();
  }

  function paint() {
    const picture = model.get("picture"), last = frames() - 1;
    now = Math.max(0, Math.min(last, now));
    clock.textContent = `${((now + 1) * picture.frame_s).toFixed(1)} of ${((last + 1) * picture.frame_s).toFixed(1)} s: drag it in the curves`;
    svg.dataset.frame = now;
    clear(svg, HEIGHT);
    const lies = drawLeaf(svg, picture, now, pipe.value());
    strip = drawStrips(svg, picture, now, pipe.value());
    pipe.lay(lies, most);
  }

  function stop() {
    cancelAnimationFrame(playing);
    playing = 0;
    play.textContent = "Play";
  }

  /** In real time; for those who asked for less motion, at once to the end. */
  function start() {
    const last = frames() - 1, from = now >= last ? 0 : now;
    if (isCalm()) return turn(last);
    const began = performance.now();
    play.textContent = "Pause";
    const tick = (at) => {
      const next = from + Math.floor((at - began) / 1e3 / model.get("picture").frame_s);
      if (next !== now) turn(next);
      if (now >= last) return stop();
      playing = requestAnimationFrame(tick);
    };
    playing = requestAnimationFrame(tick);
  }

  function turn(to) {
    now = to;
    paint();
  }

  /** The time can be dragged in the strips, too. */
  onDrag(svg, ([x], [, y]) => {
    if (!strip || y < strip.area.top || y > strip.bottom) return false;
    stop();
    const part = (x - strip.area.left) / (strip.area.right - strip.area.left);
    turn(Math.floor(part * frames()));
  });
  play.addEventListener("click", () => (playing ? stop() : start()));
  play.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };
    if (!steps[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    stop();
    turn(now + steps[event.key]);
  });
  kv.input.addEventListener("change", question.ask);
  model.on("change:picture", show);
  show();
  const ends = [onWidth(root, paint), onTheme(root, paint), question.end, stop];
  return () => {
    ends.forEach((end) => end());
    model.off("change:picture", show);
  };
}

export default { render };
