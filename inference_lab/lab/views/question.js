// How a view asks Python, and what it says when nobody answers.

const PATIENCE_MS = 4000; // the longest simulation of a view takes less than a second
const GONE = "The kernel does not answer: it was stopped or restarted, or another cell is running. " +
  "Run this view's cell again, and the picture moves again.";

/** A notice that shows itself when an answer stays out, or the model of a view has lost its kernel. */
function newPatience(model) {
  const notice = html("div", { class: "notice", role: "alert" });
  let timer = 0;
  notice.hidden = true;

  function tell(isGone) {
    notice.hidden = !isGone;
    notice.textContent = isGone ? GONE : "";
  }
  const gone = () => tell(true); // a model that has lost its comm never gets another
  model.on("comm_live_update", gone); // JupyterLab 4.6 says this at a restart
  return {
    notice,
    wait() {
      clearTimeout(timer);
      timer = setTimeout(() => tell(true), PATIENCE_MS);
    },
    heard() {
      clearTimeout(timer);
      tell(false);
    },
    end() {
      clearTimeout(timer);
      model.off("comm_live_update", gone);
    },
  };
}

/**
 * One simulation at a time: of what the hand does meanwhile, only the last counts. `wanted()` gives
 * the traits as the controls have them; call `answered()` when the picture has come.
 */
function newQuestion(model, wanted) {
  const patience = newPatience(model);
  let waiting = false;

  function ask() {
    const now = wanted();
    if (waiting || Object.entries(now).every(([name, value]) => model.get(name) === value)) return;
    waiting = true;
    patience.wait();
    model.set(now);
    model.save_changes();
  }
  function answered() {
    patience.heard();
    waiting = false;
    ask();
  }
  return { notice: patience.notice, ask, answered, end: patience.end };
}
