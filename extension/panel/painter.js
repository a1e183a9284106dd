/** This file knows when to paint: soon, not more often than the eye sees, the last state always. */

/**
 * Less than the 50 ms between two events of the relay, which is what holds us to 20 paints a
 * second: with the same gap twice, an event that came a little early would wait a whole turn.
 */
const GAP_MS = 30;

export class Painter {
  #planned = false;
  #last = 0;

  /** @param {() => void} paint */
  constructor(paint) {
    this.paint = paint;
  }

  ask() {
    if (this.#planned) return;
    this.#planned = true;
    const wait_ms = Math.max(0, this.#last + GAP_MS - performance.now());
    const frame = () => requestAnimationFrame(() => this.#now());
    wait_ms > 0 ? setTimeout(frame, wait_ms) : frame();
  }

  #now() {
    this.#planned = false;
    this.#last = performance.now();
    this.paint();
  }
}
