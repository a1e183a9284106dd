/** This file knows when to paint: soon, at most 20 times a second, the last state always. */

const GAP_MS = 50;
/** An event that came this much early is painted early: the next is due as if it had not been. */
const EARLY_MS = 20;

export class Painter {
  #planned = false;
  #due = 0;

  /** @param {() => void} paint */
  constructor(paint) {
    this.paint = paint;
  }

  ask() {
    if (this.#planned) return;
    this.#planned = true;
    const wait_ms = Math.max(0, this.#due - EARLY_MS - performance.now());
    const frame = () => requestAnimationFrame(() => this.#now());
    wait_ms > 0 ? setTimeout(frame, wait_ms) : frame();
  }

  #now() {
    this.#planned = false;
    this.#due = Math.max(this.#due, performance.now()) + GAP_MS;
    this.paint();
  }
}
