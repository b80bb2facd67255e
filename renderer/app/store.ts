// Where the admin is: screen, deployment, and what a screen was asked to open; it holds no answer of core and no secret.
import { create } from 'zustand';

export const SCREENS = ['overview', 'security', 'audit', 'retention', 'runbooks', 'deployments', 'settings'] as const;
export type Screen = (typeof SCREENS)[number];

/** The form that the deployments screen shows in place of a deployment. */
export type DeploymentForm = { readonly kind: 'add' } | { readonly kind: 'edit'; readonly id: string } | null;

/** Asks the audit screen to select one event and put the cursor into its reason field. */
export interface AuditRequest { readonly deploymentId: string; readonly eventId: number; readonly reason: string }

interface AppStore {
  readonly screen: Screen;
  /** The deployment that screens are about; null before one was chosen. */
  readonly deploymentId: string | null;
  readonly deploymentForm: DeploymentForm;
  readonly auditRequest: AuditRequest | null;
  /** A check that the security screen should select when it opens. */
  readonly checkId: string | null;
  /** The run that the runbooks screen shows; null for the library and the list of runs. */
  readonly runId: string | null;
  readonly paletteOpen: boolean;
  go(screen: Screen, about?: Partial<Pick<AppStore, 'deploymentId' | 'deploymentForm' | 'checkId' | 'runId'>>): void;
  openRun(runId: string | null): void;
  choose(deploymentId: string | null): void;
  setPalette(open: boolean): void;
  askAudit(request: AuditRequest | null): void;
  /** Back to where a new window begins. */
  reset(): void;
}

const START = { screen: 'overview', deploymentId: null, deploymentForm: null, auditRequest: null, checkId: null, runId: null, paletteOpen: false } as const;

export const useApp = create<AppStore>()((set) => ({
  ...START,
  go: (screen, about = {}) => set({ screen, deploymentForm: null, checkId: null, paletteOpen: false, ...about }),
  openRun: (runId) => set({ screen: 'runbooks', runId, deploymentForm: null, checkId: null, paletteOpen: false }),
  choose: (deploymentId) => set({ deploymentId, deploymentForm: null, checkId: null, auditRequest: null }),
  setPalette: (paletteOpen) => set({ paletteOpen }),
  askAudit: (auditRequest) => set({ auditRequest }),
  reset: () => set(START),
}));
