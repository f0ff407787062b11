// A limit that can be dragged, and the axis that follows it.

const STAY_MS = 4000; // how long a changed scale is said

/**
 * A horizontal line across a plot that is dragged up and down, or moved with the arrow keys.
 * `say` puts a value into words; `onMove(value)` is told each step, `onEnd()` that the hand let go.
 */
function newLimit({ name, least, most, step, value, say, onMove, onEnd }) {
  const words = html("span", { "aria-hidden": "true" });
  const root = html("div", {
    class: "limit-handle", role: "slider", tabindex: 0, "aria-orientation": "vertical",
    "aria-label": name, "aria-valuemin": least, "aria-valuemax": most,
  }, words);
  let place = null, held = false;

  function show() {
    root.setAttribute("aria-valuenow", value);
    root.setAttribute("aria-valuetext", say(value));
    words.textContent = say(value);
    if (!place) return;
    root.style.left = `${place.left}px`;
    root.style.width = `${place.right - place.left}px`;
    root.style.top = `${place.y(value)}px`;
  }
  function move(next) {
    const steps = Math.round(next / step) * step;
    const now = Math.min(most, Math.max(least, steps));
    if (now === value) return;
    value = now;
    show();
    onMove(value);
  }
  root.addEventListener("pointerdown", (event) => {
    held = true;
    root.setPointerCapture(event.pointerId);
    root.focus();
    event.preventDefault();
  });
  root.addEventListener("pointermove", (event) => {
    if (!held || !place) return;
    const top = root.parentElement.getBoundingClientRect().top;
    const inside = Math.max(place.top + 4, Math.min(place.bottom - 4, event.clientY - top));
    move(place.valueAt(inside));
  });
  root.addEventListener("lostpointercapture", () => {
    held = false;
    onEnd();
  });
  root.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps) return;
    event.preventDefault();
    event.stopPropagation();
    move(value + steps * step);
    onEnd();
  });
  return {
    root,
    value: () => value,
    isHeld: () => held,
    /** Where it lies: `area` in pixels of the drawing, `end` the value at its top. */
    lay(area, end) {
      const height = area.bottom - area.top;
      place = {
        ...area,
        y: (at) => area.bottom - (height * at) / end,
        valueAt: (y) => ((area.bottom - y) / height) * end,
      };
      show();
    },
  };
}

/**
 * The end of an axis. It moves to its next value while one looks (at once for those who asked for
 * less motion), and says so.
 */
function newScale(end, paint, say) {
  const note = html("span", { class: "scale-note", role: "status" });
  let now = end, target = end, frameId = 0, timer = 0;
  return {
    note,
    end: () => now,
    moveTo(next) {
      if (Math.abs(next - target) < 1e-9) return;
      const from = now, start = performance.now();
      const lasts = isCalm() ? 0 : TOKENS.motion.move_ms;
      target = next;
      note.textContent = say(next);
      clearTimeout(timer);
      timer = setTimeout(() => (note.textContent = ""), STAY_MS);
      cancelAnimationFrame(frameId);
      const step = (time) => {
        const part = lasts ? Math.min(1, Math.max(0, (time - start) / lasts)) : 1;
        now = from + (target - from) * part * (2 - part);
        paint();
        if (part < 1) frameId = requestAnimationFrame(step);
      };
      if (lasts) frameId = requestAnimationFrame(step);
      else step(start);
    },
  };
}
