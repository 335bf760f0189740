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

nav-obligations = 應辦事項

obligations-title = 應辦事項
obligations-cut = 事項太多，到期最晚的沒有計入；請按人員篩選。
obligations-head = 事項
obligations-empty = 沒有符合條件的事項。

span-label = 時間範圍
span-month = 月
span-quarter = 季

chosen-label = 已選條件
chosen-off = 取消

quotas-head = 定額完成情況
rules-head = 按規定
rules-waiting-next = 制度原文沒有寫明這些數值。請在規則文件的 [parameters] 中填上，之後即開始計算。

quota-all-customers = 全部客戶
quota-often = { $other }不少於 { $name } 次

column-rule = 規定
column-about = 對象
column-owed-by = 責任人

filter-all-rules = 全部規定

owed-met-of = 履行 { $name } / { $other }
owed-by-anybody = 不指定人員
owed-in-share = 只計入比例
owed-in-share-means = 此項只計入完成比例，單獨一項未辦不算違規。
owed-undecided = 待人工判定
owed-since = 自 { $name } 起

owed-breached-means = 未按規定辦理。
owed-missed-means = 未在期限內辦理。
owed-not_evaluable-means = 無法判斷是否履行：缺少以下資料。
owed-pending-means = 尚在期限內。
owed-let_off-means = 已免辦，不予追究。
owed-not-open-means = 尚未到可辦時間。
owed-undecided-means = 期限已過，但證據不足以判定，須由人工判定。
owed-met-means = 已按規定辦理。

about-company = 全公司
about-hidden = 您無權查看
outside-line = 您管轄範圍以外的人員
customer-outside-line = 其他團隊的客戶
due-never = 不設期限

window-opens-at = 可辦自 { $name }
key-window = 辦理期限

fact-about-head = 起因
fact-bounds = 已證明時間
facts-counted-head = 計入的事實
facts-counted-empty = 沒有計入的事實。
facts-passed-over-head = 不計入的事實

passed-over-first = 查看先前的一項

missing-customer = 沒有寫明客戶。
missing-customer-next = 請在手機上的記錄中補填客戶。
missing-owner = 當時該客戶沒有責任人。
missing-owner-next = 請為該客戶指定責任人（重新導入客戶，或通過接口修改）。
missing-supervisor = 相關人員沒有上級。
missing-supervisor-next = 請設定該人員的上級（重新導入人員）。
missing-actor = 不知道是誰辦的。
missing-actor-next = 請以經辦人的名義重新錄入。
missing-time = 時間超出可計算的範圍。
missing-time-next = 請更正記錄中的時間。
missing-calendar = 缺少 { $name } 年的節假日曆。
missing-calendar-next = 請用 fieldbook calendar put 放入，隨後會重新計算。
missing-post = 沒有人擔任“{ $name }”。
missing-post-next = 請把該崗位分配給人員（重新導入人員）。
missing-route = 規則沒有寫明“{ $name }”由誰負責。
missing-route-next = 請在規則文件中補上，或更正記錄中的用詞。
missing-grade = 同時符合多個等級：{ $name }。
missing-grade-next = 請讓規則文件中的等級互不重疊，或補全數據。
missing-field = 沒有填寫“{ $name }”。
missing-field-next = 請在相應的記錄中補填，系統會隨即重新判定。
obligations-count = { $count } 項
owed-breached-count = 違規 { $count }
owed-by-others = 另 { $count } 人
rules-more = 其餘 { $count } 條規定
rules-waiting = { $count } 條規定缺參數，尚未計算
facts-count = { $count } 項
facts-counted = 計入 { $count } 項
facts-passed-over = 不計入 { $count } 項
facts-not-shown = 另有 { $count } 項事實未顯示：數量過多，或您無權查看。

exception-let-off = 免辦
exception-required = 改為 { $count } 次
exception-days = 適用於 { $name } 起算的各期
exception-hidden = 此項有例外處理，內容對您不公開。
except-head = 例外處理
except-number = 調整後的次數
except-until = 延續至（可不填）
except-until-hint = 不填截止日則只適用於本期。
except-send = 儲存例外

closings-link = 結帳記錄
closings-title = 結帳記錄
closings-means = 結帳時的情況會永久保存；之後到達的證據照常計入，差別列在這裡。
closings-empty = 尚無結帳記錄。
close-head = 月度或季度結帳
close-span = 期間
close-hint = 結帳前先處理全部已到達的資料。結帳不能刪除，同一期間可以再次結帳。
close-send = 結帳
column-closed = 結帳時間
column-closed-by = 結帳人
column-note = 說明
closing-title = { $name }：結帳時與現在
points-head = 與結帳時不同的計分
changes-head = 與結帳時不同的事項
changes-empty = 您可以查看的事項與結帳時一致。
changes-none-here = 此處沒有您可以查看的差別。
changes-more = 更多
changes-restart = 從頭查看
change-then = 結帳時
change-now = 現在
change-nothing = 無此事項
change-withheld = 對您不公開
facts-came = 新增的事實
facts-went = 不再計入的事實
facts-changed = 變動的事實
