// The product's own mark: a shield with an H; drawn in the accent.
export function BrandMark({ size = 18 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeLinecap="round" strokeLinejoin="round" aria-hidden className="brand-mark">
      <path d="M12 2.5 20 5.500V12.500C20 17.500 16.700 20.500 12 21.800 7.300 20.500 4 17.500 4 12.500V5.500Z" strokeWidth="1.9" />
      <path d="M8.700 8V15.500M15.300 8V15.500M8.700 11.750H15.300" strokeWidth="2.100" />
    </svg>
  );
}
