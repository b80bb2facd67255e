// A child that takes rotations through all four phases, one after the other, until it is killed; prints one line before and after each step.
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Secret } from '#core/secret.ts';
import type { RotationView } from '#shared/contract/rotation.ts';
import { AppError } from '#shared/errors.ts';
import { NEW_KEY, OLD_KEY, openRotationBench } from '../../support/rotation-bench.ts';
import { sharedFastClock } from '../../support/shared-clock.ts';

const [profileDir = '', deploymentId = '', origin = ''] = process.argv.slice(2);
const say = (line: string): void => { writeSync(1, `${line}\n`); };
const quiet = new AbortController().signal;
const { rotation, token } = await openRotationBench({ profileDir, clock: sharedFastClock(Number(origin)) });

async function tokens(view: RotationView): Promise<RotationView> {
  const has = (slot: string): boolean => view.tokens.some((held) => held.slot === slot);
  if (!has('old-test')) await rotation.setToken(deploymentId, 'old-test', new Secret(token(OLD_KEY, { jti: view.rotationId })));
  if (!has('new')) await rotation.setToken(deploymentId, 'new', new Secret(token(NEW_KEY, { jti: view.rotationId })));
  return rotation.show(deploymentId).rotation ?? view;
}

say('open');
for (;;) {
  const shown = rotation.show(deploymentId).rotation;
  // Without an old token in use the cutover waits for one life of a token.
  const open = shown === null || shown.outcome !== 'open' ? await rotation.start({ deploymentId, nodes: undefined, ttlSeconds: 5 }) : shown;
  const { phase, rotationId } = await tokens(open);
  try {
    // Whoever started this rolls out what the phase means, then says so.
    say(`phase ${phase}`);
    await wait(20);
    say(`probing ${rotationId}`);
    const { probe } = await rotation.probe(deploymentId, quiet);
    say(`probed ${rotationId} ${probe?.seq}`);
    await rotation.advance({ deploymentId, phase }, quiet);
    say(`advanced ${rotationId} ${phase}`);
  } catch (error) {
    // Too early, or not rolled out yet: once more.
    if (!(error instanceof AppError) || error.code !== 'rotation_unproven') {
      say(`problem ${String(error)}`);
      throw error;
    }
    await wait(50);
  }
}
