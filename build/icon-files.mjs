// Owns the two container formats of icons, both a short header around PNG files; refuses sizes that they have no place for.

/** Apple's names for PNG entries by their size in pixels (Apple icon image format). */
const appleNames = /** @type {Record<number, string[]>} */ ({ 16: ['icp4'], 32: ['icp5', 'ic11'], 64: ['icp6', 'ic12'], 128: ['ic07'], 256: ['ic08', 'ic13'], 512: ['ic09', 'ic14'], 1024: ['ic10'] });

/**
 * @typedef {{ size: number, png: Buffer }} Picture square, with its side in pixels
 */

/**
 * @param {Picture[]} pictures
 * @returns {Buffer} an .icns file
 */
export function icns(pictures) {
  const entries = pictures.flatMap(({ size, png }) => {
    const names = appleNames[size];
    if (names === undefined) throw new Error(`an .icns file has no place for ${size} pixels`);
    return names.map((name) => Buffer.concat([Buffer.from(name, 'latin1'), bigEndian32(png.length + 8), png]));
  });
  const body = Buffer.concat(entries);
  return Buffer.concat([Buffer.from('icns', 'latin1'), bigEndian32(body.length + 8), body]);
}

/**
 * @param {Picture[]} pictures at most 256 pixels each
 * @returns {Buffer} an .ico file
 */
export function ico(pictures) {
  const headerBytes = 6 + 16 * pictures.length;
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = headerBytes;
  for (const [index, { size, png }] of pictures.entries()) {
    if (size > 256) throw new Error(`an .ico file has no place for ${size} pixels`);
    const at = 6 + 16 * index;
    // 0 stands for 256.
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([header, ...pictures.map(({ png }) => png)]);
}

/** @param {number} value */
function bigEndian32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
