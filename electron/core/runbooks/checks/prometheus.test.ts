// The text of Prometheus: read to its last line or not at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matching, readExposition } from './prometheus.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 1000 : 200;
const samplesOf = (text: string): readonly { name: string; labels: Record<string, string>; value: number }[] => {
  const read = readExposition(text);
  if ('problem' in read) throw new Error(`line ${read.line}: ${read.problem}`);
  return read.samples.map(({ name, labels, value }) => ({ name, labels: { ...labels }, value }));
};

describe('the text of Prometheus', () => {
  it('gives names, labels and numbers, with comments, times, exemplars and both line ends', () => {
    expect(samplesOf('# HELP a what\n# TYPE a counter\na 1\na_total{path="/x",status="500"} 2.5e+1 1795326132760\n\nb{}   +Inf\r\nc{x="1",} -7 # {id="1"} 3\n  d{ a = "b" , c = "d" }\t.5\n# EOF\n')).toEqual([
      { name: 'a', labels: {}, value: 1 }, { name: 'a_total', labels: { path: '/x', status: '500' }, value: 25 }, { name: 'b', labels: {}, value: Infinity }, { name: 'c', labels: { x: '1' }, value: -7 }, { name: 'd', labels: { a: 'b', c: 'd' }, value: 0.5 },
    ]);
    expect(samplesOf('a NaN\nb nan\nc -Inf').map(({ value }) => value)).toEqual([Number.NaN, Number.NaN, -Infinity]);
    expect(samplesOf('a{p="x\\\\y\\"z\\n{},"} 1')[0]?.labels).toEqual({ p: 'x\\y"z\n{},' });
    expect(samplesOf('a{__proto__="x",constructor="y"} 1')).toHaveLength(1);
    expect(samplesOf('')).toEqual([]);
  });

  it.each(['<html>', 'a', 'a x', 'a 1 2 3', 'a{b="c} 1', 'a{b=c} 1', 'a{b="c"', 'a{b="\\q"} 1', 'a{b="1",b="2"} 1', '1a 1', 'a 0x10', 'a{b="c" d="e"} 1', 'a{,} 1', 'a 1_000', 'ä 1'])('refuses %j, whatever stands before it', (line) => {
    expect(readExposition(`ok 1\n${line}\n`)).toMatchObject({ line: 2 });
  });

  it('refuses a series that stands twice, in whatever order its labels are', () => {
    expect(readExposition('a{x="1",y="2"} 1\na{y="2",x="1"} 1')).toMatchObject({ line: 2 });
    expect(samplesOf('a{x="1"} 1\na{x="2"} 1')).toHaveLength(2);
  });

  it('gives back whatever labels are written, and never throws', () => {
    const label = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\r', ''));
    fc.assert(fc.property(label, fc.double({ noNaN: true }).map((number) => number + 0), (value, number) => {
      const text = `m{l="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"} ${number === Infinity ? '+Inf' : number === -Infinity ? '-Inf' : number}`;
      expect(samplesOf(text)).toEqual([{ name: 'm', labels: { l: value }, value: number }]);
    }), { seed, numRuns });
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => { readExposition(text); }), { seed, numRuns });
  });

  it('matches samples that have all the labels', () => {
    const samples = samplesOf('a{x="1",y="1"} 1\na{x="1",y="2"} 2\nb{x="1"} 4');
    expect(matching(samples, 'a', {})).toHaveLength(2);
    expect(matching(samples, 'a', { x: '1', y: '2' }).map(({ value }) => value)).toEqual([2]);
    expect(matching(samples, 'a', { z: '1' })).toEqual([]);
    expect(matching(samples, 'a', { toString: 'x' })).toEqual([]);
  });
});
