// Everything by name: screens, deployments and actions, from the keyboard; it does nothing that a button could not.
import { useEffect, useEffectEvent, useRef } from 'react';
import type { ReactNode } from 'react';
import { Command } from 'cmdk';
import { AlignLeft, Clock, FlaskConical, Hourglass, House, ListChecks, LockKeyhole, Plus, Radar, RefreshCw, Server, Settings, Shield, SunMoon } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { EnvironmentBadge } from '../components/EnvironmentBadge.tsx';
import { HostileText } from '../components/HostileText.tsx';
import { startSync } from '../features/audit/sync.ts';
import { useCurrentDeployment } from '../features/deployments/current.ts';
import { trySample } from '../features/deployments/sample.ts';
import { requestLook } from '../features/security/look-request.ts';
import { scans } from '../features/security/scan.ts';
import { announce } from '../lib/announce.ts';
import { call, toClientError } from '../lib/client.ts';
import { saveSettings, useSettings } from '../lib/settings.ts';
import { useApp } from './store.ts';

const say = (error: unknown): void => announce(toClientError(error).wire.message);

export function Palette({ deployments, onClose }: { readonly deployments: readonly Deployment[]; readonly onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const { go, choose } = useApp();
  const { current } = useCurrentDeployment();
  const { times } = useSettings();

  const closeOutside = useEffectEvent((event: Event) => {
    if (event.target === ref.current) onClose();
  });
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    const onPointer = (event: Event): void => closeOutside(event);
    dialog?.showModal();
    // showModal gives the focus to the list's frame, which takes no typing.
    dialog?.querySelector('input')?.focus();
    dialog?.addEventListener('pointerdown', onPointer);
    return () => {
      dialog?.removeEventListener('pointerdown', onPointer);
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  function item({ icon: Icon, text, run, extra, words = [] }: { icon: LucideIcon; text: string; run: () => void; extra?: ReactNode; words?: string[] }) {
    return (
      <Command.Item key={text} value={text} keywords={words} onSelect={() => { onClose(); run(); }}>
        <Icon size={15} strokeWidth={1.7} aria-hidden />
        <HostileText text={text} />
        {extra}
      </Command.Item>
    );
  }

  return (
    <dialog ref={ref} className="palette" aria-label="Search or do anything" onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <Command label="Search or do anything" loop>
        <Command.Input placeholder="Search or do anything" aria-label="Search or do anything" />
        <Command.List label="Results">
          <Command.Empty>Nothing here goes by that name.</Command.Empty>
          <Command.Group heading="Go to">
            {item({ icon: House, text: 'Overview', run: () => go('overview') })}
            {item({ icon: Shield, text: 'Security', run: () => go('security'), words: ['checks', 'posture', 'status'] })}
            {item({ icon: AlignLeft, text: 'Audit', run: () => go('audit'), words: ['events', 'log', 'decrypt'] })}
            {item({ icon: Hourglass, text: 'Retention', run: () => go('retention'), words: ['legal hold', 'purge', 'schedule', 'certificate', 'delete', 'due', 'cron'] })}
            {item({ icon: ListChecks, text: 'Runbooks', run: () => go('runbooks', { runId: null }), words: ['run', 'checklist', 'incident', 'war-room', 'review', 'drill', 'post-mortem'] })}
            {item({ icon: Server, text: 'Deployments', run: () => go('deployments') })}
            {item({ icon: Settings, text: 'Settings', run: () => go('settings'), words: ['keychain', 'lock', 'theme', 'about', 'licences'] })}
          </Command.Group>
          <Command.Group heading="Do">
            {current?.kind !== 'navi' ? null : item({ icon: RefreshCw, text: `Sync the audit log of ${current.name}`, run: () => { go('audit'); void startSync(current.id); } })}
            {current === null ? null : item({ icon: Radar, text: `Look at the security of ${current.name}…`, run: () => { go('security'); requestLook(current.id); }, words: ['scan', 'probe', 'checks', 'refresh'] })}
            {current === null ? null : item({ icon: Shield, text: `Evaluate the checks of ${current.name} offline`, run: () => { go('security'); void scans.start(current.id, { deploymentId: current.id, isOffline: true }); }, words: ['posture'] })}
            {item({ icon: Plus, text: 'Add a deployment…', run: () => go('deployments', { deploymentForm: { kind: 'add' } }), words: ['connect', 'new'] })}
            {item({ icon: FlaskConical, text: deployments.some((deployment) => deployment.environment === 'sample') ? 'Start the sample again' : 'Try the sample deployment', run: () => { void trySample(); }, words: ['demo'] })}
            {item({ icon: Clock, text: times === 'utc' ? 'Show local times' : 'Show times in UTC', run: () => { saveSettings({ times: times === 'utc' ? 'local' : 'utc' }).catch(say); } })}
            {item({ icon: SunMoon, text: 'Theme: follow the system', run: () => { saveSettings({ theme: 'system' }).catch(say); } })}
            {item({ icon: SunMoon, text: 'Theme: dark', run: () => { saveSettings({ theme: 'dark' }).catch(say); } })}
            {item({ icon: SunMoon, text: 'Theme: light', run: () => { saveSettings({ theme: 'light' }).catch(say); } })}
            {item({ icon: SunMoon, text: 'Theme: high contrast', run: () => { saveSettings({ theme: 'contrast' }).catch(say); } })}
            {item({ icon: LockKeyhole, text: 'Lock Holdfast', run: () => { call('app.lock', {}).catch(say); } })}
          </Command.Group>
          {deployments.length === 0 ? null : (
            <Command.Group heading="Deployments">
              {deployments.map((deployment) => item({ icon: Server, text: deployment.name, run: () => choose(deployment.id), extra: <EnvironmentBadge environment={deployment.environment} /> }))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </dialog>
  );
}
