// JSON that another system reads: what would act on a display stands as an escape, which is the same value.
import { visibleJson } from '#shared/domain/visible-text.ts';

/** Members that are undefined are left out. */
export function jsonReport(document: unknown): string {
  return `${visibleJson(document)}\n`;
}
