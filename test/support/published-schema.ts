// JSON schemas that others published, read in place beside the repository; absent ones are null, so that a test can say that it was skipped.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

const FOLDER = process.env['HOLDFAST_TEST_VECTORS'] ?? fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));

/** @returns what is wrong with a document: place and complaint of each problem; null when the schema is not here */
export function publishedSchema(name: string): ((document: unknown) => readonly string[]) | null {
  const path = `${FOLDER}/schemas/${name}`;
  if (!existsSync(path)) return null;
  // Draft 4 names itself by "id" and its dialect by "$schema"; what else these schemas use of it means the same in draft 7.
  const published = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
  const schema = Object.fromEntries(Object.entries(published).filter(([key]) => key !== '$schema' && key !== 'id'));
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  return (document) => (validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? 'is wrong'}`));
}
