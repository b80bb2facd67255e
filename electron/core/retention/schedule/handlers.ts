// Contract to service, for schedules and their examination.
import type { Handlers } from '../../dispatch.ts';
import type { Schedules } from './service.ts';

export function scheduleHandlers(schedules: Schedules): Handlers<'retention.schedule' | 'retention.writeSchedule' | 'retention.lint'> {
  return {
    'retention.schedule': (input) => schedules.schedule(input),
    'retention.writeSchedule': (input) => schedules.write(input),
    'retention.lint': (input) => schedules.lint(input),
  };
}
