// The long work of the purge half: carrying out, looking what happened, verifying. It goes on when a dialog closes, and each of it happens once.
import type { CallInput, CallOutput } from '#shared/contract.ts';
import { createTasks } from '../../../components/tasks.ts';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { refetch } from '../../../lib/query.ts';
import { outcomeSentence } from './certificate-words.ts';
import { openCertificate } from './opened-certificate.ts';

export const purgeTasks = createTasks<CallInput<'retention.purge'>, CallOutput<'retention.purge'>>(async (input) => {
  try {
    const run = await call('retention.purge', input);
    announce(run.message);
    return run;
  } finally {
    refetch('retention.show');
  }
});

export const settleTasks = createTasks<CallInput<'retention.settle'>, CallOutput<'retention.settle'>>(async (input) => {
  try {
    const run = await call('retention.settle', input);
    announce(run.message);
    return run;
  } finally {
    refetch('retention.show');
  }
});

export const verifyTasks = createTasks<CallInput<'retention.verify'>, CallOutput<'retention.verify'>>(async (input) => {
  try {
    const certificate = await call('retention.verify', input);
    openCertificate(certificate.id);
    announce(`A certificate was issued. ${outcomeSentence(certificate)}`);
    return certificate;
  } finally {
    refetch('retention.show');
  }
});

/** Puts away how the last purge and the last look ended; what runs goes on. */
export function forgetEnded(deploymentId: string): void {
  purgeTasks.forget(deploymentId);
  settleTasks.forget(deploymentId);
}

/** Carries out, once; how it ends stands in purgeTasks. */
export function carryOut(input: CallInput<'retention.purge'>): void {
  forgetEnded(input.deploymentId);
  void purgeTasks.start(input.deploymentId, input);
}

/** Looks what happened; deletes nothing. */
export function lookAt(deploymentId: string, runId: string): void {
  forgetEnded(deploymentId);
  void settleTasks.start(deploymentId, { deploymentId, runId });
}
