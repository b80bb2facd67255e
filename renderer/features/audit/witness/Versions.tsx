// The version that is held and the one that the server gave, side by side; each line that differs is marked by sign, tint and word.
import { useMemo } from 'react';
import { HostileText } from '../../../components/HostileText.tsx';
import { plural } from '../../../lib/format.ts';
import { layOutJson } from '../../../lib/json-layout.ts';
import { diffLines } from './diff-lines.ts';
import type { DiffRow } from './diff-lines.ts';

/** More rows than this are not drawn; the rest is counted. */
const MAX_ROWS = 2000;

const linesOf = (text: string | null): readonly string[] => (text === null ? [] : layOutJson(text).split('\n'));

export function Versions({ held, found }: { readonly held: string | null; readonly found: string | null }) {
  const rows = useMemo(() => diffLines(linesOf(held), linesOf(found)), [held, found]);
  const isPair = held !== null && found !== null;
  const differing = rows.filter(({ isSame }) => !isSame).length;
  return (
    <section className="stack-small versions-home" aria-label="Both versions">
      <div className="versions-heads">
        <p className="label"><span className="versions-key" aria-hidden>− </span>Held since first seen</p>
        <p className="label"><span className="versions-key" aria-hidden>+ </span>Given by the server now</p>
      </div>
      <div className="versions mono" role="table" aria-label="Both versions, line by line">
        {rows.length === 0 ? <p className="pad dim">Neither version is kept.</p> : rows.slice(0, MAX_ROWS).map((row, at) => (
          <div key={at} role="row" className="versions-row">
            <Side line={row.left} row={row} isPair={isPair} sign="−" isMissing={held === null && at === 0} missing="No version is held." />
            <Side line={row.right} row={row} isPair={isPair} sign="+" isMissing={found === null && at === 0} missing="The server gave nothing." />
          </div>
        ))}
      </div>
      {isPair ? <p className="small dim">{differing === 0 ? 'The two texts do not differ.' : `${plural(differing, 'line differs', 'lines differ')}.`}{rows.length > MAX_ROWS ? ` Only the first ${MAX_ROWS} lines are drawn.` : ''}</p> : null}
    </section>
  );
}

interface SideProps { readonly line: string | null; readonly row: DiffRow; readonly isPair: boolean; readonly sign: string; readonly isMissing: boolean; readonly missing: string }

function Side({ line, row, isPair, sign, isMissing, missing }: SideProps) {
  if (isMissing) return <div role="cell" className="versions-cell versions-none">{missing}</div>;
  if (line === null) return <div role="cell" className="versions-cell versions-gap" />;
  const isMarked = isPair && !row.isSame;
  return (
    <div role="cell" className={`versions-cell ${isMarked ? `versions-differs versions-${sign === '+' ? 'new' : 'old'}` : ''}`}>
      <span className="versions-sign" aria-hidden>{isMarked ? sign : ''}</span>
      {isMarked ? <span className="visually-hidden">differs: </span> : null}
      <span><HostileText text={line} layout="block" /></span>
    </div>
  );
}
