// What this program is and what it is made of: version, runtime, and every licence in it.
import { useState } from 'react';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { useQuery } from '../../lib/query.ts';
import { Section } from './Section.tsx';

export function About() {
  const about = useQuery('app.about', {});
  const [search, setSearch] = useState('');
  const { data } = about;
  const wanted = search.trim().toLowerCase();
  const found = data?.licences.filter(({ name, licence }) => `${name} ${licence}`.toLowerCase().includes(wanted)) ?? [];
  return (
    <Section title="About">
      {about.error === null ? null : <ErrorNote error={about.error} onRetry={() => { void about.reload(); }} />}
      {data === undefined ? (about.error === null ? <Skeleton lines={4} /> : null) : (
        <>
          <dl className="facts">
            <dt>Holdfast</dt><dd>{data.version}, {data.licence}</dd>
            {data.runtime.map(({ name, value }) => <div key={name} className="contents"><dt>{name}</dt><dd className="mono">{value}</dd></div>)}
          </dl>
          <div className="stack">
            <div className="row row-wrap">
              <h3>Licences</h3>
              <input className="input licence-search" type="search" aria-label="Search licences" placeholder="Search licences" value={search} onChange={(event) => setSearch(event.target.value)} />
              <span className="small dim" role="status">{wanted === '' ? plural(data.licences.length, 'package') : `${found.length} of ${plural(data.licences.length, 'package')}`}</span>
            </div>
            {data.licences.length === 0 ? <p className="sub">The list of licences is not part of this build.</p> : (
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard.
              <div className="licences" tabIndex={0} role="region" aria-label="Licences">
                <table className="table">
                  <thead><tr><th scope="col">Package</th><th scope="col" className="col-version">Version</th><th scope="col" className="col-licence">Licence</th></tr></thead>
                  <tbody>{found.map(({ name, version, licence }) => <tr key={`${name} ${version}`}><td className="mono">{name}</td><td className="mono sub">{version}</td><td className="sub">{licence}</td></tr>)}</tbody>
                </table>
                {found.length === 0 ? <p className="sub pad">No package goes by that name.</p> : null}
              </div>
            )}
          </div>
        </>
      )}
    </Section>
  );
}
