// Reads the form of a deployment, field by field, before anything is sent; core checks everything again.
import { deploymentName } from '#shared/domain/deployment.ts';
import type { Environment } from '#shared/domain/deployment.ts';

export interface DeploymentDraft {
  readonly name: string;
  readonly url: string;
  readonly environment: Environment;
  readonly readOnly: boolean;
  readonly pin: string;
  /** null: as it is stored now. Empty text: none. */
  readonly caPem: string | null;
}

export type DraftField = 'name' | 'url' | 'pin' | 'caPem';
export type DraftErrors = Partial<Record<DraftField, string>>;

/** Only what can be told without asking; whether a plain address is a loopback one is core's to say. */
export function draftErrors(draft: DeploymentDraft): DraftErrors {
  const errors: DraftErrors = {};
  const name = deploymentName.safeParse(draft.name);
  if (!name.success) errors.name = draft.name.trim() === '' ? 'Give it a name.' : name.error.issues[0]?.message ?? 'Not a name.';
  const url = draft.url.trim();
  if (url === '') errors.url = 'Give its address.';
  else if (!/^https?:\/\//iu.test(url)) errors.url = 'Begin with https:// (or http:// for this machine).';
  else if (!URL.canParse(url)) errors.url = 'This is not an address.';
  if (draft.caPem !== null && draft.caPem !== '' && !draft.caPem.includes('-----BEGIN CERTIFICATE-----')) errors.caPem = 'That file holds no certificate in PEM form.';
  return errors;
}

const FIELD_OF_CODE: Readonly<Record<string, DraftField>> = { deployment_exists: 'name', invalid_url: 'url', insecure_url: 'url', invalid_ca: 'caPem', invalid_pin: 'pin' };

/** The field that a refusal of core is about; null when it is about none. */
export function fieldOfCode(code: string): DraftField | null {
  return FIELD_OF_CODE[code] ?? null;
}
