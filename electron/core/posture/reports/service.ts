// Reports of a posture: made from the cache, given back as text or written to a file that did not exist. Nobody is asked and nothing of the profile changes.
import { createHash } from 'node:crypto';
import type { ParsedInput } from '#shared/contract.ts';
import type { WrittenReport } from '#shared/contract/security-report.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import type { NoteWrittenFile } from '../../files/service.ts';
import type { Clock } from '../../ports.ts';
import type { PostureService } from '../service.ts';
import { writtenAs } from './forms.ts';
import type { ReportSource } from './report.ts';

export interface SecurityReports {
  /** @throws AppError deployment_not_found, baseline_not_found, file_exists, file_unwritable, disk_full; invalid_input for a PDF without a path */
  report(input: ParsedInput<'security.report'>): Promise<WrittenReport>;
}

export interface SecurityReportsDeps {
  readonly posture: Pick<PostureService, 'show'>;
  readonly deployments: Pick<DeploymentsService, 'get'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Of this program. */
  readonly version: string;
  readonly noteWrittenFile?: NoteWrittenFile;
}

export function createSecurityReports({ posture, deployments, clock, version, noteWrittenFile }: SecurityReportsDeps): SecurityReports {
  function sourceOf(deploymentId: string, baselineId: string | undefined): ReportSource {
    const { name, url, kind, environment } = deployments.get(deploymentId);
    return { view: posture.show(deploymentId, baselineId), deployment: { name, url, kind, environment }, on: formatInstantMs(clock.now()).slice(0, 10), version };
  }

  return {
    async report({ deploymentId, baselineId, format, path }) {
      const source = sourceOf(deploymentId, baselineId);
      if (path === null) {
        if (format === 'pdf') throw new AppError('invalid_input', { message: 'A PDF is no text. Nothing was written.', hint: 'Name a file for it.' });
        const content = await writtenAs(format, source);
        return { format, path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), text: content.toString('utf8') };
      }
      // First the file: where it cannot be written, nothing needs to be made.
      const file = await openAtomicFile(path);
      try {
        await file.write(await writtenAs(format, source));
        await noteWrittenFile?.({ deploymentId, kind: 'report', path, ...await file.seal() });
        return { format, path, ...await file.commit(), text: null };
      } catch (error) {
        await file.abort();
        throw error;
      }
    },
  };
}
