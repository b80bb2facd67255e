// Takes files that are dropped anywhere on what it holds, and says so while they hover; anything but files passes through.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { DragEvent, ReactNode } from 'react';
import { FileDown } from 'lucide-react';
import { announce } from '../../../lib/announce.ts';
import './import.css';
import { pathsOf } from './import-task.ts';

interface FileDrop {
  readonly isOver: boolean;
  readonly handlers: {
    readonly onDragEnter: (event: DragEvent) => void;
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDragLeave: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
  };
}

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');

/** Handlers for an element that takes files. `onPaths` gets their paths; contents never pass through the page. */
export function useFileDrop(onPaths: (paths: readonly string[]) => void, onRefused?: (sentence: string) => void): FileDrop {
  const [isOver, setIsOver] = useState(false);
  // Enter and leave come for every child; only their sum says whether the pointer is inside.
  const depth = useRef(0);
  const end = useCallback(() => {
    depth.current = 0;
    setIsOver(false);
  }, []);
  return {
    isOver,
    handlers: {
      onDragEnter(event) {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        // A dialog takes files for itself: the screen behind it must not count them.
        event.stopPropagation();
        depth.current += 1;
        setIsOver(true);
      },
      onDragOver(event) {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        event.stopPropagation();
        event.dataTransfer.dropEffect = 'copy';
      },
      onDragLeave(event) {
        if (!holdsFiles(event)) return;
        event.stopPropagation();
        depth.current -= 1;
        if (depth.current <= 0) end();
      },
      onDrop(event) {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        event.stopPropagation();
        end();
        void pathsOf([...event.dataTransfer.files]).then(({ paths, refusal }) => {
          if (refusal !== null) (onRefused ?? announce)(refusal);
          if (paths.length > 0) onPaths(paths);
        });
      },
    },
  };
}

/** Everything inside takes files. It adds no box of its own, so that the layout of the screen stays. */
export function DropTarget({ label, onPaths, children }: { readonly label: string; readonly onPaths: (paths: readonly string[]) => void; readonly children: ReactNode }) {
  const { isOver, handlers } = useFileDrop(onPaths);
  useEffect(() => { if (isOver) announce(label); }, [isOver, label]);
  // A file that misses would be opened by the browser in place of the page.
  useEffect(() => {
    const refuse = (event: globalThis.DragEvent): void => {
      if (event.defaultPrevented || event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    };
    window.addEventListener('dragover', refuse);
    window.addEventListener('drop', refuse);
    return () => {
      window.removeEventListener('dragover', refuse);
      window.removeEventListener('drop', refuse);
    };
  }, []);
  return (
    <div className="drop-target" {...handlers}>
      {children}
      {isOver ? <div className="drop-veil" aria-hidden><span><FileDown size={18} aria-hidden />{label}</span></div> : null}
    </div>
  );
}
