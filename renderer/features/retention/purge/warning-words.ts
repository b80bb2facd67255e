// Which warnings of a preview are grave enough for red; core gives them the gravest first, and that order stays.

/** Rows of others that go, and holds in the way. */
const GRAVE = /\bEVERY\b|No plan is made|is nowhere else/u;

export function isGrave(warning: string): boolean {
  return GRAVE.test(warning);
}
