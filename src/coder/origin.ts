/** Whether both are URLs of the same scheme, host and port: what one deployment is told from another by. */
export function isSameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}
