// What the admin can set on this workstation, and what this program is; each setting says what it does and does not protect.
import type { AppStatus } from '#shared/contract/app.ts';
import { Screen } from '../../components/Screen.tsx';
import { About } from './About.tsx';
import { AppearanceSection } from './AppearanceSection.tsx';
import { LockSection } from './LockSection.tsx';
import { OwnRetentionSection } from './OwnRetentionSection.tsx';
import { SecretsSection } from './SecretsSection.tsx';
import './settings.css';

export function SettingsScreen({ status }: { readonly status: AppStatus }) {
  return (
    <Screen title="Settings" about={<>Profile <span className="mono">{status.profileDir}</span></>}>
      <div className="settings">
        <SecretsSection />
        <LockSection status={status} />
        <OwnRetentionSection />
        <AppearanceSection />
        <About />
      </div>
    </Screen>
  );
}
