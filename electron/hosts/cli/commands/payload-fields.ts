// A payload in the JSON document of a command: as a value and as the exact text; it opens nothing.

/** A payload for programs: as a JSON value, and as the exact text, because a value can lose something (big numbers, doubled keys). */
export function payloadFields(text: string | null): { readonly payload: unknown; readonly payloadText: string | null } {
  if (text === null) return { payload: null, payloadText: null };
  try {
    const payload: unknown = JSON.parse(text);
    // What is nested too deeply to be written again stays text.
    JSON.stringify(payload);
    return { payload, payloadText: text };
  } catch {
    return { payload: text, payloadText: text };
  }
}
