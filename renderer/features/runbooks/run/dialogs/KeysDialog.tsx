// The keys of a run.
import { Dialog } from '../../../../components/Dialog.tsx';
import { Kbd } from '../../../../components/Kbd.tsx';
import { RUN_KEYS } from '../keys.ts';

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="run-keys">
        {Object.values(RUN_KEYS).map(({ shown, what }) => <div key={what}><dt>{shown.map((key) => <Kbd key={key}>{key}</Kbd>)}</dt><dd>{what}</dd></div>)}
        <div><dt><Kbd>Enter</Kbd></dt><dd>Record the entry that is being written</dd></div>
        <div><dt><Kbd>Esc</Kbd></dt><dd>Leave the entry, a question, large type or the small window</dd></div>
      </dl>
      <p className="small sub">They work where nothing is being typed. No single key changes anything.</p>
    </Dialog>
  );
}
