// The shape of what is coming, shown only when nothing is known yet; it never covers data.
export function Skeleton({ lines = 3, label = 'Loading' }: { readonly lines?: number; readonly label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => <span key={index} className={`skeleton-line skeleton-${index % 4}`} />)}
    </div>
  );
}
