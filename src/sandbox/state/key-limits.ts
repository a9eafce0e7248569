/** 100 years and a bit, written out: JavaScript would round the server's own number, too. */
const MEMBER_MAX_NS = 3_155_760_000_000_000_000;
const OWNER_MAX_NS = 604_800_000_000_000;
const NS_PER_MS = 1_000_000;

/** The longest life of tokens, in nanoseconds: of owners, and of everybody else. */
export function keyLimits({ maxTokenLifetimeMs }: { maxTokenLifetimeMs: number | undefined }): {
  owner: number;
  member: number;
} {
  const member = maxTokenLifetimeMs === undefined ? MEMBER_MAX_NS : maxTokenLifetimeMs * NS_PER_MS;
  return { owner: OWNER_MAX_NS, member };
}
