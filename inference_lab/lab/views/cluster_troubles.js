// Troubles: replicas that are slow, lost or not there yet, as troubles.py tells them.

/** A replica in trouble: one that is gone is dimmed, and a word in its lane says why. */
function paintTroubles(pen, shape, now, colours, troubles) {
  for (const { replica, gone, says } of troublesAt(troubles, now)) {
    const top = laneTop(shape, replica) + 1, middle = top + (shape.height - 1) / 2;
    pen.fillStyle = colours.veil;
    if (gone) pen.fillRect(shape.left, top, shape.width - shape.left, shape.height - 1);
    pen.fillStyle = gone ? colours.soft : colours.ink;
    if (shape.thin && gone) pen.fillRect(shape.left, Math.round(middle), shape.gate - shape.left, 1);
    else if (shape.thin) pen.fillRect(shape.gate + 4, middle - 2.5, 5, 5);
    if (shape.thin) continue;
    pen.font = colours.font;
    pen.textBaseline = "middle";
    pen.textAlign = gone ? "left" : "right"; // who is gone writes nothing; answers begin at the left
    const x = gone ? shape.cells : shape.width - 2;
    pen.strokeStyle = colours.ground;
    pen.lineWidth = 4;
    pen.strokeText(says, x, middle);
    pen.fillStyle = colours.ink;
    pen.fillText(says, x, middle);
  }
}

const troublesAt = (troubles, now) => troubles.filter(({ from_ms: from, until_ms: until }) => now >= from && (until === null || now < until));

/** The troubles of an instant, replicas with the same one together. */
function troublesInWords(troubles, now) {
  const by = new Map();
  for (const { replica, says } of troublesAt(troubles, now)) by.set(says, [...(by.get(says) ?? []), replica]);
  return [...by].map(([says, all]) => (all.length === 1 ? `Replica ${all[0]}: ${says}.` : `Replicas ${all.slice(0, -1).join(", ")} and ${all.at(-1)}: ${says}.`)).join(" ");
}
