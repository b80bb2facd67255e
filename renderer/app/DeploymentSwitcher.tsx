// Chooses the deployment that the screens are about, and always says which kind it is.
import { ChevronDown, Plus, Server } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { EnvironmentBadge } from '../components/EnvironmentBadge.tsx';
import { HostileText } from '../components/HostileText.tsx';
import { Menu } from '../components/Menu.tsx';
import type { MenuItem } from '../components/Menu.tsx';
import { freshnessOf } from '../features/deployments/freshness.ts';
import { useNow } from '../lib/clock.ts';
import { useApp } from './store.ts';

export function DeploymentSwitcher({ deployments, current }: { readonly deployments: readonly Deployment[]; readonly current: Deployment | null }) {
  const { choose, go } = useApp();
  const nowMs = useNow();
  const items: MenuItem[] = deployments.map((deployment) => {
    const { tone, word } = freshnessOf(deployment.reachability, nowMs);
    return {
      id: deployment.id, text: deployment.name, checked: deployment.id === current?.id, onChoose: () => choose(deployment.id),
      content: (
        <>
          <span className="switch-name cut"><HostileText text={deployment.name} /></span>{' '}
          <EnvironmentBadge environment={deployment.environment} />{' '}
          <span className="grow" />
          <span className="small dim row"><span className={`dot dot-${tone}`} aria-hidden />{word}</span>
        </>
      ),
    };
  });
  items.push(
    { id: 'all', text: 'All deployments', separated: deployments.length > 0, onChoose: () => go('deployments'), content: <><Server size={14} aria-hidden /> All deployments</> },
    { id: 'add', text: 'Add a deployment', onChoose: () => go('deployments', { deploymentForm: { kind: 'add' } }), content: <><Plus size={14} aria-hidden /> Add a deployment…</> },
  );
  return (
    <Menu className="switcher" items={items} label="Choose a deployment"
      button={current === null ? <><span className="sub">No deployment</span><ChevronDown size={14} aria-hidden /></> : (
        <>
          <span className="switch-name cut"><HostileText text={current.name} /></span>{' '}
          <EnvironmentBadge environment={current.environment} />
          <ChevronDown size={14} aria-hidden className="dim" />
        </>
      )} />
  );
}
