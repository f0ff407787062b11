// The keys of a replay: everything that a pointer does.

const SCRUB_MS = 1000, NUDGE_MS = 20;

/** Hears the keys of the picture; arrows and Space only on its lanes and strips. */
function newKeys(hands, sides) {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    const index = sides.findIndex((side) => side.lanes === event.target), onLanes = index >= 0;
    const onStrip = event.target.matches(".scrub canvas"), by = onStrip ? SCRUB_MS : NUDGE_MS;
    const acts = { n: hands.late, ".": hands.step, p: sides.length > 1 ? hands.part : null };
    if (onStrip || onLanes) {
      const nudge = (ms) => () => hands.nudge(ms);
      Object.assign(acts, { " ": hands.toggle, arrowright: nudge(by), arrowleft: nudge(-by), home: nudge(-Infinity), end: nudge(Infinity) });
    }
    if (onLanes) {
      const down = event.key === "ArrowDown" ? 1 : -1;
      acts.arrowup = acts.arrowdown = () => (event.shiftKey ? hands.carry(index, down) : hands.choose(index, down));
    }
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}

function keysInWords(areTwo, live) {
  const where = live ? " in the picture" : "", part = areTwo ? "P where they part, " : "", carry = live ? ", Shift ↑↓ moves it to another lane" : "";
  return `Keys${where}: Space plays, . steps, N next late, ${part}←→ time, ↑↓ choose a prompt${carry}.`;
}
