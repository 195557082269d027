;;; session.el --- What both sessions share  -*- lexical-binding: t; -*-

;; emacs -q --batch -l session.el -l eglot-session.el: the variables BANK and REPORT name the file to open and the
;; file that says what was seen.

(require 'package)
(package-initialize)
(require 'cl-lib)
(require 'json)
(setq make-backup-files nil
      auto-save-default nil
      create-lockfiles nil
      python-indent-guess-indent-offset nil)
(add-to-list 'load-path (getenv "VATDATA_EL"))
(require 'vatdata)

(defvar session-seen (list (cons 'emacs emacs-version)))

(defun session-note (name value)
  "Remember VALUE under NAME for the report."
  (push (cons name value) session-seen))

(defun session-end ()
  "Write the report, and leave."
  (let ((coding-system-for-write 'utf-8))
    (write-region (json-encode session-seen) nil (getenv "REPORT") nil 'silent))
  (kill-emacs 0))

(defun session-wait (what condition)
  "Wait until the function CONDITION returns non-nil; give up after a time and report WHAT."
  (let ((end (+ (float-time) 40)))
    (while (and (not (funcall condition)) (< (float-time) end))
      (accept-process-output nil 0.05))
    (unless (funcall condition)
      (session-note 'error (concat "waited in vain for " what))
      (session-end))))

(defun session-column (position)
  "Return line and column of POSITION, lines from 1 and columns from 0."
  (save-excursion (goto-char position) (vector (line-number-at-pos) (- (point) (line-beginning-position)))))

(defun session-choose (_prompt collection &rest _)
  "Take the place of a user who picks the fix from COLLECTION."
  (let ((titles (all-completions "" collection)))
    (session-note 'offered (vconcat titles))
    (cl-find-if (lambda (title) (string-prefix-p "Move it above" title)) titles)))

(defun session-text ()
  "Return the text of the buffer."
  (buffer-substring-no-properties (point-min) (point-max)))

(provide 'session)
;;; session.el ends here
