// How long this workstation keeps what it holds, among the settings.
import { OwnRetention } from '../retention/own/OwnRetention.tsx';
import { Section } from './Section.tsx';

export function OwnRetentionSection() {
  return <Section title="Kept on this workstation"><OwnRetention /></Section>;
}
