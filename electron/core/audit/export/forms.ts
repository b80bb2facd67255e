// The formats of an export by their names.
import type { ExportFormat } from '#shared/domain/audit-export.ts';
import { cefForm } from './cef-form.ts';
import type { ExportForm, ExportOrigin } from './export-row.ts';
import { ocsfForm } from './ocsf-form.ts';
import { csvForm, jsonlForm } from './own-forms.ts';
import { syslogForm } from './syslog-form.ts';

export function exportForm(format: ExportFormat, origin: ExportOrigin): ExportForm {
  switch (format) {
    case 'jsonl': return jsonlForm;
    case 'csv': return csvForm;
    case 'ocsf': return ocsfForm(origin);
    case 'cef': return cefForm(origin);
    case 'syslog': return syslogForm(origin);
  }
}
