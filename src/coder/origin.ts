/** Whether both URLs have the same scheme, host and port. Two addresses of one deployment have. */
export function isSameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}
