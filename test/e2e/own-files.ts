// Files of the admin in end-to-end tests: a folder that stands for the home, picking and dropping as the system does it, and rows in the form of NAVI's export.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';

export interface OwnFolder {
  readonly path: string;
  /** Writes a file and gives its path. */
  put(name: string, content: string | Buffer): string;
  remove(): void;
}

/** A folder of this test alone; a window that is started with it as HOME begins there when it asks where a file goes. */
export function makeFolder(): OwnFolder {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
  return {
    path,
    put(name, content) {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** Puts files into an <input type=file>, as the system's own dialog does: they keep their place on the disk. */
export async function pickFiles(page: Page, input: Locator, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await input.evaluate((element) => element.setAttribute('data-picked', ''));
  const { root } = await session.send('DOM.getDocument');
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: '[data-picked]' });
  await session.send('DOM.setFileInputFiles', { nodeId, files: [...paths] });
  await input.evaluate((element) => element.removeAttribute('data-picked')).catch(() => undefined);
  await session.detach();
}

/** Drags files over the page and lets them go there. `meanwhile` runs while they hover. */
export async function dropFiles(page: Page, paths: readonly string[], { x, y, meanwhile }: { readonly x: number; readonly y: number; readonly meanwhile?: () => Promise<void> }): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', x, y, data });
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', x, y, data });
  await meanwhile?.();
  await session.send('Input.dispatchDragEvent', { type: 'drop', x, y, data });
  await session.detach();
}

export interface ExportRow { readonly [field: string]: unknown }

/** A row as GET /api/audit/export gives it. Ids begin high, so that none is the server's. */
export function exportRow(at: number, over: ExportRow = {}): ExportRow {
  return {
    id: 7_000_000 + at, route: `/from-file/${at % 7}`, method: 'POST', event_type: 'http.request', org_key: 'acme', actor_sub: `auth0|file-${at % 5}`, actor_email: `person-${at % 5}@acme.example`, resource_id: null, status_code: 200,
    created_at: new Date(Date.UTC(2026, 2, 1) + at * 1000).toISOString(), payload: { query_params: { q: `value ${at}` } }, payload_encoding: 'json', ...over,
  };
}
