/** Three brokers, three partitions, each leading one: the replica map in small. */
export const Logo = ({ className }: { className?: string }) => (
  <svg aria-hidden="true" viewBox="0 0 20 20" className={className}>
    <g fill="currentColor">
      <rect x="1" y="1" width="5" height="5" rx="1" />
      <rect x="7.5" y="7.5" width="5" height="5" rx="1" />
      <rect x="14" y="14" width="5" height="5" rx="1" />
    </g>
    <g fill="none" stroke="currentColor" strokeOpacity="0.6">
      <rect x="8" y="1.5" width="4" height="4" rx="0.5" />
      <rect x="14.5" y="8" width="4" height="4" rx="0.5" />
      <rect x="1.5" y="14.5" width="4" height="4" rx="0.5" />
    </g>
  </svg>
)
