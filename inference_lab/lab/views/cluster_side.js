// One policy: its name, its counts, its lanes and its strip.

const ROUNDED_MS = 0.25; // by which a difference of two rounded times may be off
const TAKE = 5, GRIP = 14; // px that a prompt may be missed by; height of one in the hand, at least

/** The colours of the page and what the picture makes of them. */
function shades(root) {
  const of = coloursOf(root), seen = (colour, share) => colour + Math.round(share * 255).toString(16).padStart(2, "0");
  return {
    ...of,
    font: `${TOKENS.type.tick_px}px ${getComputedStyle(root).fontFamily}`,
    wash: seen(of.faint, 0.4), empty: of.hairline, softer: seen(of.soft, 0.7), other: of.hairline,
    queuePale: seen(of.queue, 0.35), prefillPale: seen(of.prefill, 0.35), veil: seen(of.ground, 0.7),
    decodeGone: seen(of.decode, 0.3),
  };
}

/** A canvas of so many pixels of the page, sharp on every screen; returns its pen. */
function sized(canvas, width, height) {
  const sharp = Math.max(1, window.devicePixelRatio || 1);
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  return pen;
}

/** The parts of one TTFT as a bar at the scale of the belt, and who held the request up. */
function newParts() {
  const bar = html("div", { class: "parts", "aria-hidden": "true" }), names = html("div", { class: "parts" }), why = html("p", { class: "why", role: "status" });
  const show = (log, i, scale, picture) => {
    const all = { queue: log.from[i] - log.queued[i], prefill: log.until[i] - log.from[i] };
    for (const [name, of] of Object.entries(log.parts)) {
      if (!(Math.abs(all[name] - of(i)) <= ROUNDED_MS)) all[name] = of(i); // the sentence has those of its last visit
    }
    const parts = Object.entries(all).filter(([, ms]) => ms >= 0.5);
    const widths = parts.map(([name, ms]) => html("i", { class: name, style: `width: ${ms * scale}px` }));
    const swatch = (name) => html("i", { class: `${name} swatch` });
    let left = Math.round(log.ttft[i] + 1e-6); // whole milliseconds that add up to those of the TTFT
    const words = parts.map(([name, ms], k) => {
      const shown = k < parts.length - 1 ? Math.round(ms + 1e-6) : left;
      left -= shown;
      return html("span", {}, swatch(name), `${picture.labels[name]} ${milliseconds(shown)}`);
    });
    words.unshift(html("span", {}, html("i", { class: "ring" }), html("b", {}, `Request ${i}`))); // its ring in the strip
    const first = log.arrival[i] + log.ttft[i], isAgain = first <= log.queued[i] + 1e-6; // its last reading came after its first token
    const decode = isAgain ? `decode, and read again, ${seconds(log.finish[i] - first, 1)}` : `decode ${seconds(log.finish[i] - log.until[i], 1)}`;
    words.push(html("span", { class: "then" }, "then ", swatch("decode"), decode));
    bar.replaceChildren(...(log.isServed(i) ? widths : []));
    names.replaceChildren(...(log.isServed(i) ? words : []));
    why.textContent = heldUpInWords(log, i, picture.pause_ms);
  };
  return { root: html("div", { class: "told" }, bar, names, why), show };
}

/** `hands` hears what is done in the picture: pick(request), visit(request), scrub(time), rest(), move(side, request, lane, whether it played). */
function newSide(index, hands) {
  const title = html("span", { class: "policy" }), counts = html("span", { class: "counts" });
  const ground = html("canvas", { "aria-hidden": "true" }), answers = html("canvas", { "aria-hidden": "true" });
  const lanes = html("canvas", { tabindex: 0, role: "application", "aria-roledescription": "replay" });
  const strip = html("canvas", { tabindex: 0, role: "slider", "aria-valuemin": 0, "aria-valuenow": 0 });
  const parts = newParts(), root = html("section", { class: "side" }, html("header", {}, title, counts),
    html("div", { class: "stage" }, ground, answers, lanes), html("div", { class: "scrub" }, strip), parts.root);
  const past = document.createElement("canvas"), future = document.createElement("canvas");
  const side = { root, title, counts, lanes, strip, parts };
  let log, picture, shape, strips, colours, pens, shown, drag = null, seen = { now: 0, speed: 1, playing: false, focus: null };

  side.show = (newLog_, newPicture_) => {
    [log, picture] = [newLog_, newPicture_];
    side.log = log;
    lanes.setAttribute("aria-label", `${log.name}: ${picture.cells.length} replicas, prompts that wait and answers being written`);
    strip.setAttribute("aria-label", `Time of the replay, ${log.name}`);
  };

  side.resize = (width, columns, end, colours_) => {
    colours = colours_;
    const cells = Math.max(...picture.cells);
    shape = laneShape(width, picture.cells.length, columns, picture.limit_ms, side.mostCells, cells);
    strips = stripShape(width, end, log.arrival.at(-1), picture.limit_ms);
    const height = shape.bottom + AXIS;
    const still = sized(ground, width, height);
    paintGround(still, shape, colours, picture.limit_ms, picture.cells);
    shown = newCells(shape.lanes);
    pens = { answers: sized(answers, width, height), lanes: sized(lanes, width, height), strip: sized(strip, width, STRIP.height) };
    for (const [canvas, isPast] of [[past, true], [future, false]]) {
      const pen = sized(canvas, width, STRIP.height);
      paintStripGround(pen, strips, log, colours, picture.limit_ms, isPast);
      paintStripWords(pen, strips, colours, picture.limit_ms);
    }
    strip.setAttribute("aria-valuemax", Math.round(log.last));
  };

  side.paint = (frame) => {
    seen = { ...frame, held: drag?.request };
    if (!shape.thin) paintCells(pens.answers, shape, log, seen, colours, picture.cell_tokens, shown);
    paintLanes(pens.lanes, shape, log, seen, colours, picture.cell_tokens, picture.troubles);
    if (drag) paintDrag();
    paintStrip(pens.strip, strips, past, future, log, seen.now, colours, seen.focus);
    counts.textContent = countsInWords(log, seen.now);
  };

  side.explain = (i, longest) => {
    parts.show(log, i, Math.min(shape.scale, (0.9 * shape.width) / longest), picture);
  };

  side.tell = (now) => {
    strip.setAttribute("aria-valuenow", Math.round(now));
    strip.setAttribute("aria-valuetext", seconds(now));
  };

  function paintDrag() {
    const lane = laneAt(drag.y), pen = pens.lanes;
    if (lane !== null && lane !== log.replica[drag.request]) {
      pen.strokeStyle = colours.ink;
      pen.lineWidth = 1.5;
      pen.setLineDash([4, 3]);
      pen.strokeRect(shape.left, laneTop(shape, lane) + 2, shape.gate - shape.left - 2, shape.height - 3);
      pen.setLineDash([]);
    }
    const [dx, dy] = [drag.x - drag.from[0], drag.y - drag.from[1]];
    const boxes = drag.boxes.map((value, k) => value + [dx, dy, 0, 0][k % 4]);
    fillBoxes(pen, colours.queue, boxes);
    pen.strokeStyle = colours.ink;
    outline(pen, boxes, 2, TOKENS.line.outline_px);
  }

  const laneAt = (y) => {
    const lane = Math.floor((y - shape.top) / shape.height);
    return lane >= 0 && lane < shape.lanes ? lane : null;
  };
  const place = (canvas, event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  /** Prompts on the belts now, from the top lane down, the next to be read first. */
  side.onBelt = () => presentAt(log, seen.now)
    .map((v) => ({ v, i: log.of[v], boxes: promptBoxes(shape, log, v, seen.now) })).filter((one) => one.boxes.length)
    .sort((a, b) => log.replica[a.v] - log.replica[b.v] || log.from[a.v] - log.from[b.v] || a.i - b.i);

  /** How far a point is from the nearest of these boxes. */
  function apartFrom(boxes, x, y) {
    let least = Infinity;
    for (let k = 0; k < boxes.length; k += 4) {
      const [left, top, w, h] = boxes.slice(k, k + 4);
      least = Math.min(least, Math.hypot(Math.max(left - x, 0, x - left - w), Math.max(top - y, 0, y - top - h)));
    }
    return least;
  }

  /** The request drawn at a point, and whether it can be carried from there. */
  function at(x, y) {
    const near = side.onBelt().map((one) => ({ ...one, apart: apartFrom(one.boxes, x, y) })).filter((one) => one.apart <= TAKE);
    if (near.length) {
      const { v, i, boxes } = near.sort((a, b) => a.apart - b.apart)[0], isFirst = v === i && log.prev[v] < 0;
      return { i, boxes, loose: isFirst && log.from[v] > seen.now && hands.canMove() };
    }
    if (shape.thin) return null;
    for (const v of presentAt(log, seen.now)) {
      if (!(seen.now >= log.from[v] && seen.now < log.finish[v])) continue;
      for (const cell of shape.isShared ? [] : log.cells[v]) {
        const [left, top, w, h] = cellBox(shape, log.replica[v], cell);
        if (x >= left && x <= left + w + 1 && y >= top && y <= top + h + 1) return { i: log.of[v], loose: false };
      }
    }
    return null;
  }

  lanes.addEventListener("pointerdown", (event) => {
    const [x, y] = place(lanes, event), found = at(x, y), isPlaying = seen.playing;
    if (!found) return;
    hands.pick(found.i);
    if (!found.loose) return;
    const grown = found.boxes.map((value, k) => (k % 4 === 3 ? Math.max(value, GRIP) : value));
    drag = { request: found.i, boxes: grown, x, y, from: [x, y], isPlaying };
    lanes.setPointerCapture(event.pointerId);
  });
  lanes.addEventListener("pointermove", (event) => {
    const [x, y] = place(lanes, event);
    if (!drag) {
      const found = at(x, y);
      lanes.style.cursor = found?.loose ? "grab" : found ? "pointer" : "";
      return;
    }
    [drag.x, drag.y] = [x, y];
    lanes.style.cursor = "grabbing";
    side.paint(seen);
  });
  const drop = (event) => {
    if (!drag) return;
    const lane = event.type === "pointerup" ? laneAt(drag.y) : null, { request, isPlaying } = drag;
    drag = null;
    lanes.style.cursor = "";
    side.paint(seen);
    if (lane !== null && lane !== log.replica[request]) hands.move(index, request, lane, isPlaying);
  };
  lanes.addEventListener("pointerup", drop);
  lanes.addEventListener("pointercancel", drop);

  let scrubbing = false;
  const scrub = (event) => hands.scrub(strips.timeOf(place(strip, event)[0]));
  strip.addEventListener("pointerdown", (event) => {
    const mark = nearestMark(strips, log, ...place(strip, event));
    if (mark !== null && log.isLate(mark)) return hands.visit(mark);
    scrubbing = true;
    strip.setPointerCapture(event.pointerId);
    scrub(event);
  });
  strip.addEventListener("pointermove", (event) => {
    if (scrubbing) return scrub(event);
    const mark = nearestMark(strips, log, ...place(strip, event));
    strip.style.cursor = mark !== null && log.isLate(mark) ? "pointer" : "ew-resize";
  });
  for (const end of ["pointerup", "pointercancel"]) {
    strip.addEventListener(end, () => {
      if (scrubbing) hands.rest();
      scrubbing = false;
    });
  }
  return side;
}
