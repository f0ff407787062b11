// The clock of a replay: it stands, runs at a speed, or jumps.

const SPEEDS = [[0.1, "1/10"], [0.25, "¼"], [1, "1"], [10, "10"]];
const SLOWEST = 0.1, USUAL = 0.25;
const CALM_MS = 250; // with prefers-reduced-motion the picture changes so seldom

/** `paint(now)` is called for each new instant, `told()` when the clock starts or stops. */
function newClock(paint, told) {
  let frame = 0, before = 0, shown = 0;
  const clock = { now: 0, end: 0, speed: USUAL, playing: false };
  const tick = (wall) => {
    frame = requestAnimationFrame(tick);
    if (isCalm() && wall - shown < CALM_MS) return;
    const passed = Math.min(wall - before, isCalm() ? CALM_MS : 100); // a hidden page stands still
    before = shown = wall;
    clock.now = Math.min(clock.end, clock.now + passed * clock.speed);
    paint(clock.now);
    if (clock.now >= clock.end) clock.pause();
  };
  clock.play = () => {
    if (clock.playing) return;
    if (clock.now >= clock.end) clock.now = 0;
    clock.playing = true;
    before = performance.now();
    frame = requestAnimationFrame(tick);
    told();
  };
  clock.pause = () => {
    cancelAnimationFrame(frame);
    if (!clock.playing) return;
    clock.playing = false;
    told();
  };
  clock.jump = (now) => {
    clock.now = Math.max(0, Math.min(clock.end, now));
    paint(clock.now);
  };
  return clock;
}

/** The next instant at which something happens in a run: [time, what, request]. */
function nextEvent(logs, now) {
  let best = null;
  const offer = (time, what, i) => {
    if (time > now + 1e-6 && (best === null || time < best[0])) best = [time, what, i];
  };
  const arrival = logs[0].arrival, next = countUntil(arrival, now + 1e-6);
  if (next < logs[0].count) offer(arrival[next], "arrives", next);
  logs.forEach((log) => {
    for (const v of presentAt(log, now)) {
      const i = log.of[v];
      if (log.next[v] >= 0) offer(log.left[v], "again", i);
      if (v >= log.count) continue;
      offer(log.from[v], "is read", i);
      if (log.until[v] <= log.arrival[i] + log.ttft[i] + 1e-6) offer(log.until[v], "first token", i);
    }
  });
  return best;
}

/** The next late request of any run that arrives after an instant; null if there is none. */
function nextLate(logs, now, lead) {
  for (let i = countUntil(logs[0].arrival, now + lead + 1e-6); i < logs[0].count; i++) {
    if (logs.some((log) => log.isLate(i) && log.isShown(i))) return i;
  }
  return null;
}

/** The next of the requests at which two policies part; from none the first, null if there is none. */
function nextParting(partings, from) {
  return partings[(partings.indexOf(from) + 1) % partings.length] ?? null;
}
