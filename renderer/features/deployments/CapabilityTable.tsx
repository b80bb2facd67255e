// What a deployment was seen to offer, line by line, with the reason for each no; it assumes nothing that was not probed.
import { Check, CircleQuestionMark, X } from 'lucide-react';
import type { Capability, CapabilityName } from '#shared/domain/deployment.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';

const NAMES: Readonly<Record<CapabilityName, string>> = {
  'security-status': 'Security status', 'audit-list': 'Audit list', 'audit-export': 'Audit export', 'audit-payload': 'Audit payload', 'decrypt-on-server': 'Decrypt on the server', purge: 'Purge',
};
const STATES = {
  offered: { word: 'offered', icon: Check, tint: 'pass' },
  'not-offered': { word: 'not offered', icon: X, tint: 'none' },
  unknown: { word: 'unknown', icon: CircleQuestionMark, tint: 'unknown' },
} as const;

export function CapabilityTable({ capabilities, observedAt }: { readonly capabilities: readonly Capability[]; readonly observedAt: string | null }) {
  return (
    <section aria-label="What it offers">
      <p className="label section-label">What it offers{observedAt === null ? null : <span className="label-note"> · probed <Time iso={observedAt} age /></span>}</p>
      {capabilities.length === 0 ? <p className="sub">Not probed yet. Test the deployment to see what it offers.</p> : (
        <table className="table table-wrapping capabilities">
          <thead><tr><th scope="col">Part</th><th scope="col">State</th><th scope="col">Reason</th></tr></thead>
          <tbody>
            {capabilities.map(({ name, state, reason }) => {
              const { word, icon: Icon, tint } = STATES[state];
              return (
                <tr key={name}>
                  <td>{NAMES[name]}</td>
                  <td><span className={`chip chip-${tint}`}><Icon size={12} strokeWidth={2.4} aria-hidden />{word}</span></td>
                  <td className="small sub"><HostileText text={reason} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
