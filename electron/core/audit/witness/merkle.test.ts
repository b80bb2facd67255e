// The tree against the published hash of nothing, an independent recursive one, and every way to stop and go on.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { EMPTY_ROOT, emptyFrontier, hexOf, leafHash, openFrontier } from './merkle.ts';
import type { Frontier } from './merkle.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 1000 : 200;

const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962 section 2.1 as it is written: split at the largest power of two below the size. */
function mth(entries: readonly Buffer[]): Buffer {
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0] ?? Buffer.alloc(0));
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(Buffer.of(1), mth(entries.slice(0, k)), mth(entries.slice(k)));
}

function treeOf(entries: readonly string[], tree: Frontier = emptyFrontier()): Frontier {
  for (const entry of entries) tree.add(leafHash(entry));
  return tree;
}

describe('known answers', () => {
  it('the empty tree has the hash of nothing', () => {
    expect(hexOf(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(emptyFrontier().root()).toBe(EMPTY_ROOT);
  });

  it('the tree that Certificate Transparency tests with', () => {
    const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) => Buffer.from(hex, 'hex').toString('latin1'));
    const tree = emptyFrontier();
    const roots = entries.map((entry) => {
      tree.add(leafHash(entry));
      return hexOf(tree.root());
    });
    expect(roots).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  it('small trees', () => {
    const entries = Array.from({ length: 70 }, (_, index) => `entry ${index} \u00e9`);
    for (let size = 0; size <= entries.length; size += 1) {
      const some = entries.slice(0, size);
      expect(hexOf(treeOf(some).root()), `size ${size}`).toBe(mth(some.map((entry) => Buffer.from(entry))).toString('hex'));
    }
  });
});

it('stopped and opened again anywhere, the tree is the recursive one', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 200 }), fc.array(fc.nat(200), { maxLength: 4 }), (entries, stops) => {
    let tree = emptyFrontier();
    for (const [index, entry] of entries.entries()) {
      if (stops.includes(index)) tree = openFrontier(index, tree.bytes()) ?? emptyFrontier();
      tree.add(leafHash(entry));
    }
    expect(tree.size()).toBe(entries.length);
    expect(hexOf(tree.root())).toBe(mth(entries.map((entry) => Buffer.from(entry))).toString('hex'));
  }), { seed, numRuns });
});

it('a copy goes its own way', () => {
  const tree = treeOf(['a', 'b', 'c']);
  const copy = tree.copy();
  copy.add(leafHash('d'));
  expect(tree.root()).toBe(treeOf(['a', 'b', 'c']).root());
  expect(copy.root()).toBe(treeOf(['a', 'b', 'c', 'd']).root());
});

it('bytes that cannot belong to the size are refused', () => {
  const bytes = treeOf(['a', 'b', 'c']).bytes();
  expect(bytes.length).toBe(64);
  for (const size of [0, 1, 2, 4, 7, -1, 1.5, Number.MAX_SAFE_INTEGER + 1]) expect(openFrontier(size, bytes), `size ${size}`).toBeNull();
  expect(openFrontier(3, bytes.subarray(1))).toBeNull();
});
