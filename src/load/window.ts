/** Part of the time axis, in milliseconds of the load's clock: `from` is in it, `until` is not. */
export interface Window {
  from: number;
  until: number;
}

/** Moves a window by a pause: what was still to come comes later. */
export function movedBy(window: Window, pause: Window): void {
  const ms = pause.until - pause.from;
  if (window.from >= pause.from) window.from += ms;
  if (window.until > pause.from) window.until += ms;
}

/** The same window by a clock that is `ms` ahead. */
export function onClockAhead({ from, until }: Window, ms: number): Window {
  return { from: from + ms, until: until + ms };
}
