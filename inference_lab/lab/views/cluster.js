// Draws the view of cluster.py: one clock over one or two policies.

const BESIDE = 880, GUTTER = 24;
const HINT = "Drag a prompt that waits to another lane: which first tokens move?";

function render({ model, el }) {
  const live = model.get("live");
  let picture = model.get("picture"), logs = [], focus = picture.focus;
  let waiting = false, wanted = null, width = 0, plays = false, parted = null, tenant = null;
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
      const partings = picture.partings.filter(logs[0].isShown), next = nextParting(partings, focus === parted ? focus : null);
      if (next === null) return void (words.textContent = `No first token differs by more than ${milliseconds(picture.parted_ms)}.`);
      hands.visit(next);
      parted = next;
      words.textContent = partingInWords(logs, partings, next, picture.parted_ms);
    },
    visit(i) {
      focus = i;
      hands.slow();
      clock.jump(logs[0].arrival[i] - picture.lead_ms);
      tell();
      forget();
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
      words.textContent = instantInWords(logs, clock.now, picture.troubles);
      forget();
    },
    nudge(by) {
      hands.scrub(clock.now + by);
      hands.rest();
    },
    choose,
    carry,
    rest: () => sides.forEach((side) => side.tell(clock.now)),
    canMove: () => live && !picture.unmovable && !waiting && patience.notice.hidden,
    move(index, request, lane, goOn = false) {
      plays = goOn;
      ask((sides_) => (sides_[index].pins[request] = lane));
    },
    tenant(chosen) {
      tenant = chosen;
      logs.forEach((log) => countOnly(log, tenant, picture.limit_ms));
      layOut();
      words.textContent = instantInWords(logs, clock.now, picture.troubles);
    },
    rate(percent) {
      ask(() => {}, percent);
    },
  };
  const bar = newBar(hands, picture, live), sides = picture.sides.map((_, index) => newSide(index, hands));
  const stage = html("div", { class: "sides" }, ...sides.map((side) => side.root));
  const code = newCode(), keys = html("p", { class: "keys" });
  const legend = newLegend(picture), trouble = html("p", { class: "trouble", hidden: "" });
  const root = frame("cluster-view", bar.root, patience.notice, words, html("div", { class: "outcome" }, said, undo), legend, trouble, stage, code.root, keys);
  root.toggleAttribute("data-live", live);
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
    if (!trouble.hidden) sayNow(trouble, troublesInWords(picture.troubles, now) || "All replicas are well.");
    bar.clock.textContent = `${seconds(now)} of ${seconds(clock.end)}`;
    root.dataset.shows = now.toFixed(1);
  }

  /** The sentences about the request in focus, and at first the outcome of the run before them. */
  function tell(outcome = "") {
    words.textContent = `${outcome}${ttftInWords(logs, focus)}`;
    explain();
  }

  const outcome = () => (tenant === null ? `${picture.outcome} ` : "");

  /** What the last move of the hand did stands there until one goes elsewhere. */
  function forget() {
    said.textContent = live && !picture.unmovable ? HINT : "";
    said.classList.remove("news");
  }

  function explain() {
    if (!width) return;
    const longest = Math.max(...logs.map((log) => log.ttft[focus] || 0), 1);
    sides.forEach((side) => side.explain(focus, longest));
  }

  const roomNow = () => Math.floor(stage.clientWidth);

  function sayNow(node, said) {
    if (node.textContent !== said) node.textContent = said;
  }

  function layOut() {
    width = roomNow();
    if (!width) return; // not on the page, or hidden: there will be a size
    const columns = sides.length === 1 ? "alone" : width >= BESIDE ? "beside" : "below";
    root.dataset.columns = columns;
    const each = columns === "beside" ? Math.floor((width - GUTTER) / 2) : width, colours = shades(root);
    sides.forEach((side) => side.resize(each, columns, clock.end, colours));
    paint(clock.now);
    explain();
  }

  /** Ask Python for another run; what the hand does meanwhile, only the last counts. */
  function ask(change, percent = picture.percent) {
    if (picture.unmovable) return void refuse();
    const next = picture.sides.map(({ name, pins }) => ({ router: name, pins: { ...pins } }));
    change(next);
    wanted = { sides: next, percent };
    if (!waiting) send();
  }

  function refuse() {
    said.textContent = picture.unmovable;
    showChoices();
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
    load(before === picture.percent ? logs : []);
    clock.jump(now);
    tell(outcome());
    if (plays) clock.play();
    plays = false;
  }

  /** The menus and the rate as the picture has them. */
  function showChoices() {
    sides.forEach((side, index) => showPolicy(side, index, picture, live, (which, router) => ask((next) => Object.assign(next[which], { router, pins: {} }))));
    bar.rate.set(picture.percent);
  }

  function load(before = []) {
    logs = picture.sides.map((side) => newLog(side, picture));
    logs.forEach((log) => countOnly(log, tenant, picture.limit_ms));
    logs.forEach((log, index) => (log.before = hasMoved(log, before[index]) ? before[index].ttft : null));
    clock.end = Math.max(...logs.map((log) => Math.max(log.last, log.arrival.at(-1))));
    const most = Math.max(...logs.map((log) => log.mostCells));
    sides.forEach((side, index) => {
      side.mostCells = most;
      side.show(logs[index], picture);
    });
    showChoices();
    trouble.hidden = !picture.troubles.length || picture.cells.length < MANY; // thin lanes have no room for words
    bar.part.hidden = logs.length < 2;
    undo.hidden = !live || !picture.sides.some((side) => Object.keys(side.pins).length);
    code.show(picture.code);
    code.root.hidden = !live;
    forget();
    said.classList.toggle("news", Boolean(picture.said));
    if (picture.said) said.textContent = picture.said + (logs.some((log) => log.before) ? " Lines in the strip: from before to now." : "");
    layOut();
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
    if (!hands.canMove()) said.textContent = !live ? "Without Python nothing can be moved." : picture.unmovable || "Python is still busy with the last move.";
    else if (!waits) said.textContent = `Request ${focus} does not wait now: only a waiting prompt can be moved.`;
    else if (lane >= 0 && lane < picture.cells.length) hands.move(index, focus, lane);
  }

  undo.addEventListener("click", () => ask((next) => next.forEach((side) => (side.pins = {}))));
  root.addEventListener("keydown", newKeys(hands, sides));
  el.append(root);
  load();
  hands.slow();
  bar.showPlaying(false);
  clock.jump(logs[0].arrival[focus] - picture.lead_ms);
  tell(outcome());
  keys.textContent = keysInWords(logs.length > 1, live);
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
