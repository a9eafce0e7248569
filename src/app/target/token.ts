/**
 * Whether it can be a session token: ten characters, a dash, 22 characters. The deployment decides; this catches what
 * is plainly none. Blanks around it do not matter.
 */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9]{10}-[A-Za-z0-9]{22}$/.test(text.trim());
}
