### 頁面上的文字。

skip-to-content = 跳到正文

nav-label = 頁面
nav-records = 拜訪記錄
nav-devices = 手機

language-label = 語言

sign-out = 登出

list-comma = 、

cancel = 取消

overview-title = 拜訪記錄
overview-tiles = 按狀態篩選
overview-waiting = 待您批示
overview-running = 其他
overview-window = 最近 { $count } 天
overview-cut = 記錄太多，較早的沒有計入；請按人員篩選。

filter-all-reps = 全部人員
filter-customer-hint = 名稱或編號
filter-apply = 篩選
filter-clear = 清除篩選

records-head = 記錄
records-count = { $count } 筆
records-empty = 沒有符合條件的記錄。

column-customer = 客戶
column-rep = 拜訪人
column-ended = 拜訪結束
column-due = 截止
column-state = 狀態
column-basis = 依據
column-evidence = 時間證據
column-user = 使用人
column-device = 手機
column-enrolled = 登記於
column-contact = 最近聯絡

customer-missing = 未填客戶
customer-grade = 客戶等級
customer-tags = 客戶標籤

not-ended = 尚未結束
not-arrived = 尚未到達

pager-label = 翻頁
pager-previous = 上一頁
pager-next = 下一頁
pager-page-of = 第 { $page } 頁，共 { $pages } 頁

reps-head = 按人員
reps-waiting = 待批示 { $count }

crumbs-label = 位置

timeline-ended-at = 拜訪結束 { $name }
timeline-due-at = 截止 { $name }
timeline-not-before = 不早於 { $name }
timeline-not-after = 不晚於 { $name }

key-ended = 拜訪結束
key-interval = 已證明的提交區間
key-interval-short = 已證明區間
key-measured = 手機計時測得
key-claimed = 手機顯示的時間
key-now = 現在

evidence-table = 證據明細
evidence-outcome = 判定
evidence-rule = 規則
evidence-not-before = 不早於
evidence-rests-on = 來源
evidence-anchor = 伺服器時間憑證
evidence-enrolment = 手機登記
evidence-not-after = 不晚於（到達）
evidence-measured = 手機計時測得
evidence-unmeasured = 未測得
evidence-claimed = 手機顯示的時間

difference-head = 補正內容
difference-field = 欄位
difference-before = 第 { $count } 版（已封存）
difference-after = 補正後

value-empty = 未填
value-removed = 清空

decide-head = 批示
decide-ruling = 意見
decide-reason = 原因
decide-note = 說明（可不填）
decide-choose = 請選擇
decide-hint = 批示會與證據一併永久保存，不改動證據，也不能刪除。
decide-send = 提交批示

nothing-submitted = 尚未提交

fields-head = 內容
fields-draft = 目前草稿
fields-empty = 還沒有填寫任何內容。

version-number = 第 { $count } 版
version-joins = 合併 { $count } 次提交

versions-head = 封存版本
versions-empty = 尚無封存版本。

decisions-head = 批示記錄
decisions-empty = 尚無批示。

decision-submit = 所涉提交

submit-reason = 填報人註明：{ $name }
submit-missing = 缺：{ $name }

history-head = 歷史
refused-head = 拒收
refused-means = 這些條目未併入記錄，仍保存在手機上。
history-server = 伺服器
history-arrived = { $name } 到達

devices-just-revoked = 已停用「{ $name }」。
devices-empty = 還沒有登記手機。
devices-never = 從未聯絡

device-active = 使用中
device-revoked = 已停用
device-quarantined = 此後送來的 { $count } 頁已隔離

revoke = 停用
revoke-named = 停用 { $name }
revoke-title = 停用這部手機？
revoke-means-kept = 已送達伺服器的內容全部保留。
revoke-means-later = 此後送來的內容將被隔離，留作證據，不會進入記錄；手機重新登記後，會補寫尚未送達的內容。
revoke-means-again = 要繼續使用，須重新登記為新手機。
revoke-yes = 確認停用

sign-in-title = 登入
sign-in-lead = 主管查看、批示拜訪記錄的頁面。
sign-in-company = 公司代碼
sign-in-login = 帳號
sign-in-password = 密碼
sign-in = 登入
sign-in-first = 首次登入？用一次性登入碼設定密碼

first-title = 首次登入
first-lead = 用管理員給您的一次性登入碼設定密碼。
first-code = 一次性登入碼
first-password = 新密碼
first-password-hint = 至少 12 個字元。
first-repeat = 再輸一次
first-send = 設定密碼並登入
first-back = 返回登入

problem-home = 回到拜訪記錄

refused-count = 拒收 { $count } 條
