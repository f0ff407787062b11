// Draws the view of cluster.py: one clock over one or two policies.

const BESIDE = 880, GUTTER = 24, SCRUB_MS = 1000, NUDGE_MS = 20;
const HINT = "Drag a prompt that waits to another lane: which first tokens move?";

function render({ model, el }) {
  const live = model.get("live");
  let picture = model.get("picture"), logs = [], focus = picture.focus;
  let waiting = false, wanted = null, width = 0;
  const words = newReading(), said = html("p", { class: "said", role: "status" });
  const undo = newButton("Put it back", "quiet"), patience = newPatience(model);
  const hands = {
    toggle: () => (clock.playing ? clock.pause() : clock.play()),
    speed(speed, shown) {
      clock.speed = speed;
      bar.showSpeed(speed);
      words.textContent = `Plays at ${shown === "1" ? "the speed of life" : shown === "10" ? "10 times the speed of life" : `${shown} of the speed of life`}.`;
      paint(clock.now);
    },
    step() {
      clock.pause();
      const event = nextEvent(logs, clock.now);
      if (!event) return void (words.textContent = "Nothing happens after this.");
      focus = event[2];
      clock.jump(event[0]);
      words.textContent = eventInWords(logs, event);
      explain();
    },
    late() {
      const next = nextLate(logs, clock.now, picture.lead_ms) ?? nextLate(logs, -Infinity, 0);
      if (next === null) return void (words.textContent = "No request is late.");
      hands.visit(next);
    },
    part() {
      if (picture.parting === null) words.textContent = `No first token differs by more than ${milliseconds(picture.parted_ms)}.`;
      else hands.visit(picture.parting);
    },
    visit(i) {
      focus = i;
      hands.slow();
      clock.jump(logs[0].arrival[i] - picture.lead_ms);
      tell();
    },
    slow() {
      clock.speed = SLOWEST;
      bar.showSpeed(SLOWEST);
    },
    pick(i) {
      clock.pause();
      focus = i;
      paint(clock.now);
      tell();
    },
    scrub(time) {
      clock.pause();
      clock.jump(time);
    },
    rest: () => sides.forEach((side) => side.tell(clock.now)),
    canMove: () => live && picture.movable && !waiting && patience.notice.hidden,
    move(index, request, lane) {
      ask((sides_) => (sides_[index].pins[request] = lane));
    },
    rate(percent) {
      ask(() => {}, percent);
    },
  };
  const bar = newBar(hands, picture, live), sides = picture.sides.map((_, index) => newSide(index, hands));
  const stage = html("div", { class: "sides" }, ...sides.map((side) => side.root));
  const code = newCode(), keys = html("p", { class: "keys" });
  const root = frame("cluster-view", bar.root, patience.notice, words, html("div", { class: "outcome" }, said, undo), stage, code.root, keys);
  for (const canvas of root.querySelectorAll("canvas[tabindex]")) canvas.setAttribute("data-lm-suppress-shortcuts", "true");
  const clock = newClock(paint, () => {
    bar.showPlaying(clock.playing);
    paint(clock.now);
    sides.forEach((side) => side.tell(clock.now));
  });

  function paint(now) {
    if (!width) return;
    const frame = { now, speed: clock.speed, playing: clock.playing, focus };
    sides.forEach((side) => side.paint(frame));
    bar.clock.textContent = `${seconds(now)} of ${seconds(clock.end)}`;
    root.dataset.shows = now.toFixed(1);
  }

  /** The sentences about the request in focus. */
  function tell() {
    words.textContent = ttftInWords(logs, focus);
    explain();
  }

  function explain() {
    if (!width) return;
    const longest = Math.max(...logs.map((log) => log.ttft[focus] || 0), 1);
    sides.forEach((side) => side.explain(focus, longest));
  }

  const roomNow = () => Math.floor(stage.clientWidth);

  function layOut() {
    width = roomNow();
    if (!width) return; // not on the page, or hidden: there will be a size
    const columns = sides.length === 1 ? "alone" : width >= BESIDE ? "beside" : "below";
    root.dataset.columns = columns;
    const each = columns === "beside" ? Math.floor((width - GUTTER) / 2) : width, colours = shades(root);
    sides.forEach((side) => side.resize(each, columns, logs[0].arrival.at(-1), colours));
    paint(clock.now);
    explain();
  }

  /** Ask Python for another run; what the hand does meanwhile, only the last counts. */
  function ask(change, percent = picture.percent) {
    const next = picture.sides.map(({ name, pins }) => ({ router: name, pins: { ...pins } }));
    change(next);
    wanted = { sides: next, percent };
    if (!waiting) send();
  }

  function send() {
    waiting = true;
    patience.wait();
    model.set("ask", { ...wanted, number: picture.number + 1 });
    model.save_changes();
    wanted = null;
    root.classList.add("waits");
  }

  function receive() {
    patience.heard();
    waiting = false;
    const before = picture.percent;
    picture = model.get("picture");
    if (wanted) return send(); // the picture is behind the hand already
    root.classList.remove("waits");
    const now = (clock.now * before) / picture.percent; // the same place among the arrivals
    load();
    clock.jump(now);
    tell();
  }

  function load() {
    logs = picture.sides.map((side) => newLog(side, picture));
    clock.end = Math.max(...logs.map((log) => Math.max(log.last, log.arrival.at(-1))));
    const most = Math.max(...logs.map((log) => log.mostCells));
    sides.forEach((side, index) => {
      side.mostCells = most;
      side.show(logs[index], picture);
      showPolicy(side, index, picture, live, (which, router) => ask((next) => Object.assign(next[which], { router, pins: {} })));
    });
    bar.part.hidden = logs.length < 2;
    undo.hidden = !live || !picture.sides.some((side) => Object.keys(side.pins).length);
    code.show(picture.code);
    code.root.hidden = !live;
    said.textContent = picture.said || (live && picture.movable ? HINT : "");
    layOut();
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    const onStrip = event.target.matches(".scrub canvas"), onLanes = event.target.matches(".stage canvas");
    const by = onStrip ? SCRUB_MS : NUDGE_MS;
    const acts = { n: hands.late, ".": hands.step, p: logs.length > 1 ? hands.part : null };
    if (onStrip || onLanes) {
      Object.assign(acts, { " ": hands.toggle, arrowright: () => nudge(by), arrowleft: () => nudge(-by), home: () => nudge(-Infinity), end: () => nudge(Infinity) });
    }
    if (onLanes) {
      const index = sides.findIndex((side) => side.lanes === event.target), down = event.key === "ArrowDown" ? 1 : -1;
      acts.arrowup = acts.arrowdown = () => (event.shiftKey ? carry(index, down) : choose(index, down));
    }
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function nudge(by) {
    clock.pause();
    clock.jump(clock.now + by);
    sides.forEach((side) => side.tell(clock.now));
    words.textContent = `${seconds(clock.now)}. ${logs.map((log) => `${log.name}: ${countsInWords(log, clock.now)}`).join("; ")}.`;
  }

  /** The next prompt on the belts, up or down. */
  function choose(index, by) {
    const there = sides[index].onBelt();
    if (!there.length) return void (words.textContent = "No prompt is on a belt now.");
    const at = there.findIndex(({ i }) => i === focus), next = at < 0 ? 0 : (at + by + there.length) % there.length;
    hands.pick(there[next].i);
  }

  /** The prompt in focus one lane up or down, as dragging does. */
  function carry(index, by) {
    const log = logs[index], lane = log.replica[focus] + by, waits = clock.now >= log.queued[focus] && clock.now < log.from[focus];
    if (!hands.canMove()) said.textContent = live ? `A run of more than ${number(picture.movable_requests)} requests is not simulated again.` : "Without Python nothing can be moved.";
    else if (!waits) said.textContent = `Request ${focus} does not wait now: only a waiting prompt can be moved.`;
    else if (lane >= 0 && lane < picture.cells.length) hands.move(index, focus, lane);
  }

  undo.addEventListener("click", () => ask((next) => next.forEach((side) => (side.pins = {}))));
  root.addEventListener("keydown", onKey);
  el.append(root);
  load();
  hands.slow();
  bar.showPlaying(false);
  clock.jump(logs[0].arrival[focus] - picture.lead_ms);
  tell();
  keys.textContent = `Keys${live ? " in the picture" : ""}: Space plays, . steps, N next late, ${logs.length > 1 ? "P where they part, " : ""}←→ time, ↑↓ choose a prompt` + (live ? ", Shift ↑↓ moves it to another lane." : ".");
  if (live) model.on("change:picture", receive);
  const endWidth = onWidth(root, () => {
    if (roomNow() !== width) layOut();
  });
  const endTheme = onTheme(root, () => requestAnimationFrame(layOut)); // JupyterLab hides the page meanwhile
  return () => {
    clock.pause();
    endWidth();
    endTheme();
    patience.end();
    if (live) model.off("change:picture", receive);
  };
}

export default { render };
