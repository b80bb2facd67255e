// Which token got which answer at which node, beside what it should have got, and why an answer proves nothing.
import { CircleSlash, Clock } from 'lucide-react';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { answerWord, byNode, expectedWord, isOfNode, rowLook, rowWhy, tokenName } from './answer-words.ts';
import type { AnswerRow, RowsWorth } from './answer-words.ts';

/** What every refusal says, whatever its reason; `why` tells that it hides it. */
const USUAL_REFUSAL = 'Invalid or expired token';

export function AnswersTable({ rows, worth, label }: { readonly rows: readonly AnswerRow[]; readonly worth: RowsWorth; readonly label: string }) {
  return (
    <table className="table table-wrapping answers" aria-label={label}>
      <thead><tr><th scope="col" className="answers-token">Token</th><th scope="col" className="answers-should">Should be</th><th scope="col" className="answers-was">Answer</th><th scope="col">State</th><th scope="col" className="answers-time">Time</th></tr></thead>
      {byNode(rows).map(({ node, rows: here }) => (
        <tbody key={node}>
          <tr className="answers-node"><th scope="rowgroup" colSpan={5}><span className="mono"><HostileText text={node} /></span></th></tr>
          {here.map((row) => <Row key={row.token} row={row} worth={worth} />)}
        </tbody>
      ))}
    </table>
  );
}

function Row({ row, worth }: { readonly row: AnswerRow; readonly worth: RowsWorth }) {
  const { token, expected, answer, status, at, said } = row;
  const { tone, word } = rowLook(row, worth);
  const why = rowWhy(row, worth);
  const icon = word === 'too old' ? Clock : word === 'proves nothing' ? CircleSlash : undefined;
  return (
    <tr>
      <th scope="row"><span className="mono">{token}</span> <span className="answers-name">{tokenName(token)}</span></th>
      <td>{expectedWord(expected)}</td>
      <td>{answer === null ? <span className="dim">–</span> : <>{status === null ? null : <span className="mono">{status} </span>}{answerWord(answer)}</>}</td>
      <td>
        <WordChip tone={tone} word={word} {...(icon === undefined ? {} : { icon })} />
        {why === '' ? null : (
          <span className="answers-why">
            <HostileText text={why} />
            {said === null || said === USUAL_REFUSAL ? null : <span className="answers-said">{isOfNode(row) ? <>It said: <span className="mono"><HostileText text={said} /></span></> : <HostileText text={said} />}</span>}
          </span>
        )}
      </td>
      <td className="sub">{at === null ? <span className="dim">–</span> : <Time iso={at} style="clock" />}</td>
    </tr>
  );
}
