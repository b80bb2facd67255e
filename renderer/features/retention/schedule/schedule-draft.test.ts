import { describe, expect, it } from 'vitest';
import { givenOf, nameParts, NO_DRAFT } from './schedule-draft.ts';

describe('what is given for a schedule', () => {
  it('leaves out what is empty or means nothing for the kind', () => {
    const draft = { workdir: ' /srv/navi ', python: '', image: 'navi:1', namespace: 'prod' };
    expect(givenOf('cron', draft)).toEqual({ workdir: '/srv/navi' });
    expect(givenOf('kubernetes', draft)).toEqual({ workdir: '/srv/navi', image: 'navi:1', namespace: 'prod' });
    expect(givenOf('systemd', NO_DRAFT)).toEqual({});
  });

  it.each([['navi-purge.timer', 'navi-purge', 'timer'], ['crontab', 'crontab', 'txt'], ['.hidden', '.hidden', 'txt'], ['a.b.yaml', 'a.b', 'yaml'], ['dot.', 'dot.', 'txt']])('saves %s as %s and %s', (name, stem, extension) => {
    expect(nameParts(name)).toMatchObject({ stem, forms: [{ id: extension }] });
  });
});
