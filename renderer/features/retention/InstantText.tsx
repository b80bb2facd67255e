// A sentence of core with the instants in it written as the admin chose to read times; nothing else of it is changed.
import { Fragment } from 'react';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';

const INSTANT = /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z)/u;

export function InstantText({ text }: { readonly text: string }) {
  return <>{text.split(INSTANT).map((part, index) => (index % 2 === 1 ? <Time key={index} iso={part} /> : part === '' ? null : <Fragment key={index}><HostileText text={part} /></Fragment>))}</>;
}
